import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseLockedError, isFileLocked } from './sqlite.errors';

/** How long a statement waits while another process locks the SQLite file, in milliseconds. */
export const MAX_LOCK_WAIT_MS = 2_000;

/** The pause between two attempts doubles up to this, in milliseconds. */
const MAX_PAUSE_MS = 50;

/**
 * Retries while another process locks the SQLite file. SQLite's own busy timeout would block the
 * thread and thereby all other requests; this function waits between the attempts.
 * @param attempt must have no effect when it fails
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
