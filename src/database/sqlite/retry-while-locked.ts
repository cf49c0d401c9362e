import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseLockedError, isFileLocked } from '../database.errors';

/** How long anything waits for another process that has locked the SQLite file, in milliseconds. */
export const MAX_LOCK_WAIT_MS = 2_000;

/** The pause between two attempts doubles up to this, in milliseconds. */
const MAX_PAUSE_MS = 50;

/**
 * Repeats an attempt that fails because another process has locked the SQLite file. SQLite's own
 * busy timeout blocks the thread, and with it every other request; this waits between attempts.
 * @param attempt must leave nothing behind when it fails
 * @throws DatabaseLockedError when the file stays locked
 */
export async function retryWhileLocked<T>(
  attempt: () => Promise<T>,
  maxWaitMs = MAX_LOCK_WAIT_MS,
): Promise<T> {
  let deadline: number | undefined;
  for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (!isFileLocked(error)) throw error;
      deadline ??= performance.now() + maxWaitMs;
      if (performance.now() >= deadline) throw new DatabaseLockedError(maxWaitMs, error);
    }
    await delay(pauseMs);
  }
}
