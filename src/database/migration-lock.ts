import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';

/** How long a process waits for another one that migrates: building a large index takes long. */
const MAX_WAIT_MINUTES = 60;
const POLL_INTERVAL_MS = 250;
const LOG_INTERVAL_MS = 30_000;

const logger = new Logger('Migrations');

/** Another transaction or process has kept a migration from running for too long. */
export class MigrationBlockedError extends Error {
  override readonly name = 'MigrationBlockedError';
}

/**
 * Waits for the lock that one process holds while it migrates the database.
 * @param tryLock returns false while another process holds the lock
 * @throws MigrationBlockedError when the lock does not become free in time
 */
export async function waitForMigrationLock(tryLock: () => Promise<boolean>): Promise<void> {
  const startedAt = performance.now();
  let loggedAt = -Infinity;
  while (!(await tryLock())) {
    const now = performance.now();
    if (now - startedAt > MAX_WAIT_MINUTES * 60_000) {
      throw new MigrationBlockedError(
        `Another process has held the migration lock for ${MAX_WAIT_MINUTES} minutes`,
      );
    }
    if (now - loggedAt >= LOG_INTERVAL_MS) {
      logger.log('Another process holds the migration lock; waiting for it');
      loggedAt = now;
    }
    await delay(POLL_INTERVAL_MS);
  }
}
