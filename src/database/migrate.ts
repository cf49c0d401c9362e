import { type DataSource, MigrationExecutor } from 'typeorm';
import { createDataSource } from './data-source';

/** Names the lock that one instance holds while it migrates; any constant would do. */
const MIGRATION_LOCK = 7_302_145;

/**
 * Runs the pending migrations. Instances that start together on one PostgreSQL take turns, and
 * the later ones find nothing left to do.
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  const { options } = dataSource;
  if (options.type !== 'postgres') {
    await dataSource.runMigrations({ transaction: 'each' });
    return;
  }
  // Waiting for another instance, or building a large index, may take longer than any request:
  // this needs a connection without time limits. The lock ends with it, at the latest.
  const unlimited = await createDataSource({ ...options, poolSize: 1, extra: {} }).initialize();
  try {
    const runner = unlimited.createQueryRunner();
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const executor = new MigrationExecutor(unlimited, runner);
    executor.transaction = 'each';
    await executor.executePendingMigrations();
    await runner.release();
  } finally {
    await unlimited.destroy();
  }
}

/** True while the database lacks a migration that this build brings. */
export async function hasPendingMigrations(dataSource: DataSource): Promise<boolean> {
  const pending = await new MigrationExecutor(dataSource).getPendingMigrations();
  return pending.length > 0;
}
