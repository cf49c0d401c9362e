import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCodeOf } from '../error-code';

const SCRIPT = join(__dirname, 'backup.process.js');

/** The pause between two looks at the size of the copy, in milliseconds. */
const POLL_MS = 100;

/** How long the end of a killed process is waited for, in milliseconds: a disk that does not respond delays it. */
const MAX_END_WAIT_MS = 2_000;

/** What SQLite can write beside a file. */
const COMPANIONS = ['-journal', '-wal', '-shm'];

/** The suffix of a copy that is not complete, or of a companion of it. */
const COPY_SUFFIX = /\.[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\.tmp(-journal|-wal|-shm)?$/;

/** What a file system without hard links returns. */
const NO_HARD_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** What a file system that cannot sync folders returns. */
const NO_FOLDER_SYNC = new Set([...NO_HARD_LINKS, 'EACCES', 'EBADF', 'EINVAL', 'EISDIR']);

/** The backup was not written. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}

interface BackupOptions {
  readonly signal: AbortSignal;
  /** @param share of the size of the file, from 0 */
  readonly onProgress?: (share: number) => void;
  /** Called when the copy cannot be removed, or the name of the backup cannot be synced. Must not throw. */
  readonly onWarning: (error: Error) => void;
}

/**
 * Copies an SQLite file, also while a server writes to it. The backup gets its name when it is complete,
 * checked and synced. Permissions are those of the file.
 * @param to must not exist
 * @throws BackupError; AbortError when the signal has ended it. There is no backup then, and nothing remains
 * of the copy unless `onWarning` was called.
 */
export async function backUpSqlite(
  from: string,
  to: string,
  { signal, onProgress, onWarning }: BackupOptions,
): Promise<void> {
  const { size, mode } = await stat(from);
  if (await exists(to)) throw new BackupError(`${to} exists already, and is kept as it is`);
  const copy = `${to}.${randomUUID()}.tmp`;
  // SQLite accepts an empty file; it would create one that everybody can read.
  await (await open(copy, 'wx', mode)).close();
  try {
    const poll = onProgress && setInterval(() => void report(copy, size, onProgress), POLL_MS);
    await copyInProcess(from, copy, signal).finally(() => clearInterval(poll));
    await sync(copy);
    signal.throwIfAborted();
    await nameCopy(copy, to);
  } catch (error) {
    if (errorCodeOf(error) === 'EEXIST') throw new BackupError(`${to} exists already`);
    throw error;
  } finally {
    await removeCopy(copy).catch(onWarning);
  }
  // The backup is complete: an error is none of the backup.
  await syncFolder(dirname(to)).catch(onWarning);
}

/** @returns the name of the backup that a file with this name is an incomplete copy of */
export function backupOfCopy(name: string): string | undefined {
  return COPY_SUFFIX.test(name) ? name.replace(COPY_SUFFIX, '') : undefined;
}

/**
 * Unlike a rename, it replaces no file. The name of the copy may remain. On a file system without hard links,
 * a process that is killed meanwhile may leave an empty file with the name of the backup.
 * @throws Error with the code EEXIST
 */
export async function nameCopy(copy: string, to: string, createLink = link): Promise<void> {
  try {
    await createLink(copy, to);
  } catch (error) {
    if (!NO_HARD_LINKS.has(errorCodeOf(error) ?? '')) throw error;
    await (await open(to, 'wx')).close();
    try {
      await rename(copy, to);
    } catch (failure) {
      await rm(to, { force: true });
      throw failure;
    }
  }
}

/** Never fails: progress is not worth a backup. */
async function report(
  copy: string,
  size: number,
  onProgress: (share: number) => void,
): Promise<void> {
  try {
    onProgress((await stat(copy)).size / Math.max(size, 1));
  } catch {
    // It may be removed at this moment.
  }
}

interface Ended {
  readonly code: number | null;
  readonly endedBy: NodeJS.Signals | null;
}

async function copyInProcess(from: string, copy: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [SCRIPT, from, copy], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
    killSignal: 'SIGKILL', // it does not return from SQLite to handle another signal
  });
  const closed = new Promise<Ended>((resolve) => {
    child.once('close', (code, endedBy) => resolve({ code, endedBy }));
  });
  const failed = once(child, 'error').then(([error]) => Promise.reject(error as Error));
  const message = text(child.stderr);
  message.catch(() => undefined); // a process that could not start has no stderr
  try {
    const { code, endedBy } = await Promise.race([closed, failed]);
    if (code === 0) return;
    const reason = endedBy === null ? await message : `its process was ended by ${endedBy}`;
    throw new BackupError(`The backup failed: ${reason}`);
  } finally {
    // After an abort it may still write, and create files beside the copy.
    if (child.pid !== undefined) {
      await Promise.race([closed, delay(MAX_END_WAIT_MS, undefined, { ref: false })]);
    }
  }
}

async function removeCopy(copy: string): Promise<void> {
  for (const suffix of ['', ...COMPANIONS]) await rm(copy + suffix, { force: true });
}

/** Writes the entries of a folder to the disk, where the file system can do that. */
export async function syncFolder(path: string, syncPath = sync): Promise<void> {
  try {
    await syncPath(path);
  } catch (error) {
    if (!NO_FOLDER_SYNC.has(errorCodeOf(error) ?? '')) throw error;
  }
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** Writes a file, or the entries of a folder, to the disk. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
