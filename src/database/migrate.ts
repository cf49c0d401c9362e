import { type DataSource, MigrationExecutor } from 'typeorm';

/** Names the lock that one instance holds while it migrates; any constant would do. */
const MIGRATION_LOCK = 7_302_145;

/**
 * Runs the pending migrations. Instances that start together on one PostgreSQL take turns, and
 * the later ones find nothing left to do.
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  if (dataSource.options.type !== 'postgres') {
    await dataSource.runMigrations({ transaction: 'each' });
    return;
  }
  const runner = dataSource.createQueryRunner();
  try {
    // Waiting for another instance, or building a large index, may take longer than any request.
    await runner.query('SET statement_timeout = 0; SET lock_timeout = 0');
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'each';
    await executor.executePendingMigrations();
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    await runner.query('RESET statement_timeout; RESET lock_timeout');
    await runner.release();
  }
}

/** True while the database lacks a migration that this build brings. */
export async function hasPendingMigrations(dataSource: DataSource): Promise<boolean> {
  const pending = await new MigrationExecutor(dataSource).getPendingMigrations();
  return pending.length > 0;
}
