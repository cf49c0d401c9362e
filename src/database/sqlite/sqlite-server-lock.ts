import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { DatabaseTarget } from '../../config/database-config';
import { retryWhileLocked } from './retry-while-locked';
import { DatabaseLockedError } from './sqlite.errors';

/** The SQLite file has hard links; a server that uses another link would take another lock. */
export class DatabaseLinkedError extends Error {
  constructor(file: string) {
    super(
      `The SQLite file ${file} has more than one name (hard links). Servers that use different ` +
        'names would damage it: remove the other names, or copy the file under a new name.',
    );
    this.name = DatabaseLinkedError.name;
  }
}

/** How long a server that starts waits for another one that is stopping, in milliseconds. */
const MAX_STOP_WAIT_MS = 5_000;

/** Another server runs on the same SQLite file. */
export class DatabaseInUseError extends Error {
  constructor(file: string) {
    super(
      `Another server is running on the SQLite file ${file}, which belongs to one server. ` +
        'Stop the other server, set another DATABASE_PATH, or use PostgreSQL (DATABASE_URL).',
    );
    this.name = DatabaseInUseError.name;
  }
}

/**
 * Makes this process the only server on its SQLite file. Commands do not need the lock and can run
 * beside the server. It is a lock of the operating system on an empty file beside the database, so it
 * ends with the process, even after a crash.
 * @returns a function that releases the lock. Keep it: garbage collection releases the lock, too.
 * @throws DatabaseInUseError, DatabaseLinkedError
 */
export async function lockForServer(
  target: DatabaseTarget,
  maxWaitMs = MAX_STOP_WAIT_MS,
): Promise<() => void> {
  const file = target.kind === 'sqlite' ? await resolveFile(target.path) : '';
  if (!file) return () => undefined;
  if ((await stat(file)).nlink > 1) throw new DatabaseLinkedError(file);
  const lock = new Database(`${file}.lock`, { timeout: 0 });
  try {
    await retryWhileLocked(async () => {
      lock.pragma('journal_mode = MEMORY'); // nothing is written, so it needs no journal file
      lock.exec('BEGIN EXCLUSIVE');
    }, maxWaitMs);
  } catch (error) {
    lock.close();
    throw error instanceof DatabaseLockedError ? new DatabaseInUseError(file) : error;
  }
  return () => void lock.close();
}

/** The absolute path that SQLite uses, with links resolved. Empty for a database in memory. */
async function resolveFile(path: string): Promise<string> {
  if (path === ':memory:') return '';
  await mkdir(dirname(path), { recursive: true });
  const database = new Database(path, { timeout: 0 });
  try {
    const [main] = database.pragma('database_list') as [{ readonly file: string }];
    return main.file;
  } finally {
    database.close();
  }
}
