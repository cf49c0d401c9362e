import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { DataSource, QueryRunner } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { createDataSource, migrationOptions } from './data-source';
import { MigrationBlockedError, isLockConflict } from './database.errors';

/** Names the lock that one instance holds while it migrates; any constant would do. */
const MIGRATION_LOCK = 7_302_145;

/** How long an instance waits for another one that migrates: building a large index takes long. */
const LOCK_WAIT_MINUTES = 60;
const LOCK_POLL_MS = 250;
const LOCK_LOG_INTERVAL_MS = 30_000;

/** How often a migration is tried while its table is locked: for about ten minutes. */
const ATTEMPTS = 60;
const LONGEST_PAUSE_MS = 10_000;

const logger = new Logger('Migrations');

/**
 * Opens the connection that migrates PostgreSQL, and does the work while no other instance migrates.
 * @throws MigrationBlockedError when another instance has not finished for too long
 */
export async function withMigrationConnection<T>(
  options: PostgresDataSourceOptions,
  work: (connection: DataSource, runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const connection = await createDataSource(migrationOptions(options)).initialize();
  try {
    const runner = connection.createQueryRunner();
    await acquireLock(runner);
    const result = await work(connection, runner);
    await runner.release();
    return result;
  } finally {
    await connection.destroy(); // releases the lock, too
  }
}

/**
 * The lock is polled. An instance that waited inside `pg_advisory_lock` would hold a snapshot, and
 * CREATE INDEX CONCURRENTLY of the instance that migrates waits until all older snapshots are gone.
 */
async function acquireLock(runner: QueryRunner): Promise<void> {
  const startedAt = performance.now();
  let loggedAt = -Infinity;
  while (!(await tryLock(runner))) {
    const now = performance.now();
    if (now - startedAt > LOCK_WAIT_MINUTES * 60_000) {
      throw new MigrationBlockedError(
        `Another instance has been migrating for ${LOCK_WAIT_MINUTES} minutes`,
      );
    }
    if (now - loggedAt >= LOCK_LOG_INTERVAL_MS) {
      logger.log('Another instance migrates the database; waiting for it');
      loggedAt = now;
    }
    await delay(LOCK_POLL_MS);
  }
}

async function tryLock(runner: QueryRunner): Promise<boolean> {
  const [row] = await runner.manager.query<{ isAcquired: boolean }[]>(
    'SELECT pg_try_advisory_lock($1) AS "isAcquired"',
    [MIGRATION_LOCK],
  );
  return row?.isAcquired === true;
}

/**
 * Retries work that has not got a lock in time. In the pauses, which grow, the requests are served
 * that have queued behind it.
 * @throws MigrationBlockedError after the last attempt
 */
export async function retryLockConflicts<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isLockConflict(error)) throw error;
      if (attempt === ATTEMPTS) {
        throw new MigrationBlockedError(
          `A migration could not lock a table in ${ATTEMPTS} attempts. Find the transaction that ` +
            'keeps it locked in pg_stat_activity, end it, and start again',
          error,
        );
      }
      const pauseMs = Math.min(1_000 * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
      logger.warn(
        'A migration waits for a table that another transaction has locked; ' +
          `attempt ${attempt + 1} of ${ATTEMPTS} in ${pauseMs / 1_000} s`,
      );
      await delay(pauseMs);
    }
  }
}
