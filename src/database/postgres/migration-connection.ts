import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { QueryRunner } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { createDataSource } from '../data-source';
import { MigrationBlockedError, waitForMigrationLock } from '../migration-lock';
import { isLockConflict } from './postgres.errors';
import { migrationOptions } from './postgres-options';

/** Identifies the advisory lock that one instance holds while it migrates; an arbitrary number. */
const MIGRATION_LOCK = 7_302_145;

/** How often a migration is tried while its table is locked: for about ten minutes. */
const ATTEMPTS = 60;
const MAX_PAUSE_MS = 10_000;

const logger = new Logger('Migrations');

/**
 * Executes the work on a connection of its own, while no other instance migrates.
 * @throws MigrationBlockedError when another instance has migrated for too long
 */
export async function withMigrationConnection<T>(
  options: PostgresDataSourceOptions,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const connection = await createDataSource(migrationOptions(options)).initialize();
  try {
    const runner = connection.createQueryRunner();
    // The lock is polled. An instance that waited inside `pg_advisory_lock` would hold a snapshot,
    // and CREATE INDEX CONCURRENTLY of the migrating instance waits until older snapshots are gone.
    await waitForMigrationLock(() => tryLock(runner));
    const result = await work(runner);
    await runner.release();
    return result;
  } finally {
    await connection.destroy(); // also releases the lock
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
 * Retries work that could not lock a table in time. The pauses, which grow, let the requests
 * proceed that have queued behind the migration.
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
            'holds the lock in pg_stat_activity, end it, and start again',
          { cause: error },
        );
      }
      const pauseMs = Math.min(1_000 * 2 ** (attempt - 1), MAX_PAUSE_MS);
      logger.warn(
        'A migration waits for a table that another transaction has locked; ' +
          `attempt ${attempt + 1} of ${ATTEMPTS} in ${pauseMs / 1_000} s`,
      );
      await delay(pauseMs);
    }
  }
}
