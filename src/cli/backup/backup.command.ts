import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { printToStderr } from '../../common/print-to-stderr';
import { EXIT, requireFile, runWithoutConnection } from '../../database/run-command';
import { backUpSqlite } from '../../database/sqlite/backup';
import { backupName } from '../../database/sqlite/backup-names';
import { type CommandSession, runInterruptibly } from '../run-on-database';

/** `backup`: copies the SQLite file. The schema may be that of another release. */
export function addBackupCommand(program: Command): void {
  program
    .command('backup')
    .description('copy the SQLite file, also while a server writes to it')
    .option('--to <file>', 'a file that does not exist (default: beside the database)')
    .action(({ to }: { to?: string }) =>
      runWithoutConnection(async (target) => {
        if (target.kind === 'sqlite') {
          return runInterruptibly((session) => backUp(target.path, to, session));
        }
        printToStderr(
          'PostgreSQL has its own command: pg_dump --format=custom --file=orders.dump (with PGHOST, PGUSER, PGPASSWORD, PGDATABASE)',
        );
        return EXIT.failed;
      }),
    );
}

async function backUp(
  path: string,
  to: string | undefined,
  { interruption, startProgress }: CommandSession,
): Promise<number> {
  await requireFile(path);
  const from = resolve(path);
  const file = resolve(to ?? join(dirname(from), backupName(from, new Date())));
  const progress = startProgress('Backing up', 1);
  try {
    const onProgress = (share: number) => progress.show(share);
    await backUpSqlite(from, file, { signal: interruption.signal, onProgress, onWarning });
  } catch (error) {
    await interruption.check('No backup was written.');
    throw error;
  }
  progress.end();
  process.stdout.write(`${file}\n`);
  return EXIT.done;
}

function onWarning({ message }: Error): void {
  process.stderr.write(`${message}\n`);
}
