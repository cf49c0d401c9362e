import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');

/** Opens the file, executes the statement, and keeps the file open until stdin ends. */
const SCRIPT = `
  const [path, statement] = process.argv.slice(1);
  const database = new (require('better-sqlite3'))(path);
  database.exec(statement);
  console.log('ready');
  process.stdin.on('end', () => database.close()).resume();
`;

/** Another process that keeps an SQLite file open. */
export class OtherProcess {
  private constructor(private readonly child: ChildProcess) {}

  /** Locks the file: it can be read, but not written. */
  static lock(path: string): Promise<OtherProcess> {
    return OtherProcess.run(path, 'BEGIN EXCLUSIVE');
  }

  static open(path: string): Promise<OtherProcess> {
    return OtherProcess.run(path, 'SELECT count(*) FROM sqlite_master');
  }

  private static async run(path: string, statement: string): Promise<OtherProcess> {
    const child = spawn(process.execPath, ['-e', SCRIPT, path, statement], {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await Promise.race([once(child.stdout, 'data'), failWhenItEnds(child)]);
    return new OtherProcess(child);
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const closed = once(this.child, 'close');
    this.child.stdin!.end();
    await closed;
  }
}

async function failWhenItEnds(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, 'close')) as [number | null];
  throw new Error(`The process that opens the file ended with ${code}`);
}
