import Database from 'better-sqlite3';

/** How long it waits for another process that has locked the file, in milliseconds. */
const LOCK_WAIT_MS = 5_000;

/**
 * Opens an existing SQLite file. Each wait for a lock blocks the thread, so a server uses `createDataSource`
 * instead.
 */
export function openFileBlocking(path: string): Database {
  return new Database(path, { fileMustExist: true, timeout: LOCK_WAIT_MS });
}
