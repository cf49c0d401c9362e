import type { DataSource, QueryRunner } from 'typeorm';
import { waitForMigrationLock } from '../migration-lock';
import { DatabaseLockedError } from './sqlite.errors';

/**
 * Executes the work in one transaction. It locks the SQLite file for other writers, so processes
 * that migrate the same file take turns. It never expires.
 * @throws MigrationBlockedError when another process has locked the file for too long
 */
export async function withMigrationTransaction<T>(
  dataSource: DataSource,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  const runner = dataSource.createQueryRunner();
  // SQLite alters a table by replacing it, which foreign keys to it prevent. This turns them off,
  // which is only possible outside of a transaction.
  await runner.beforeMigration();
  try {
    await waitForMigrationLock(() => tryBegin(runner));
    const result = await work(runner);
    await runner.commitTransaction();
    return result;
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  } finally {
    await runner.afterMigration();
    await runner.release();
  }
}

async function tryBegin(runner: QueryRunner): Promise<boolean> {
  try {
    await runner.startTransaction();
    return true;
  } catch (error) {
    if (error instanceof DatabaseLockedError) return false;
    throw error;
  }
}
