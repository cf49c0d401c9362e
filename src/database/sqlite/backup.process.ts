import { messageOf } from '../../common/message-of';
import { openFileBlocking } from './open-file-blocking';

/**
 * Copies an SQLite file as it is at this moment, also while a server writes, and checks the copy. It is
 * a process of its own, because SQLite blocks its thread until the end.
 */
function backUp(file: string, copy: string): void {
  const source = openFileBlocking(file);
  source.prepare('VACUUM INTO ?').run(copy);
  source.close();
  const backup = openFileBlocking(copy);
  const [result] = backup.pragma('integrity_check(1)') as [{ readonly integrity_check: string }];
  backup.close();
  if (result.integrity_check !== 'ok') throw new Error(result.integrity_check);
}

const [file = '', copy = ''] = process.argv.slice(2);
try {
  backUp(file, copy);
} catch (error) {
  process.stderr.write(messageOf(error));
  process.exitCode = 1;
}
