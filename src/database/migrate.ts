import { Logger } from '@nestjs/common';
import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { retryLockConflicts, withMigrationConnection } from './postgres/migration-connection';
import { withMigrationTransaction } from './sqlite/migration-transaction';

const logger = new Logger('Migrations');

/**
 * Runs the pending migrations. Processes that migrate one database at the same time take turns, and
 * the later ones find no migration pending. On SQLite all run in one transaction, on PostgreSQL each
 * in its own.
 * @returns the names of the migrations that this process has run
 * @throws MigrationBlockedError when another transaction or process blocks them for too long
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const names = (await hasPendingMigrations(dataSource))
    ? await withExecutor(dataSource, runPending)
    : [];
  logger.log(names.length > 0 ? `Migrations run: ${names.join(', ')}` : 'No migration is pending');
  return names;
}

async function runPending(executor: MigrationExecutor): Promise<string[]> {
  const pending = await executor.getPendingMigrations();
  await retryLockConflicts(() => executor.executePendingMigrations());
  return pending.map(({ name }) => name);
}

/**
 * Reverts the last migration that was run.
 * @returns its name, or undefined when none has been run
 * @throws MigrationBlockedError as {@link migrate} does
 */
export function revertLastMigration(dataSource: DataSource): Promise<string | undefined> {
  return withExecutor(dataSource, async (executor) => {
    const [last] = await executor.getExecutedMigrations();
    if (!last) return undefined;
    // TypeORM reads this property when it runs a migration, but not when it reverts one.
    const migration = dataSource.migrations.find(
      ({ constructor }) => constructor.name === last.name,
    );
    if (migration?.transaction === false) executor.transaction = 'none';
    await retryLockConflicts(() => executor.undoLastMigration());
    return last.name;
  });
}

/** Lists the migrations of the database and of this build, in the order in which they run. */
export async function listMigrations(
  dataSource: DataSource,
): Promise<{ readonly name: string; readonly isPending: boolean }[]> {
  const executor = new MigrationExecutor(dataSource);
  const executed = await executor.getExecutedMigrations(); // newest first
  const pending = await executor.getPendingMigrations();
  return [
    ...executed.toReversed().map(({ name }) => ({ name, isPending: false })),
    ...pending.map(({ name }) => ({ name, isPending: true })),
  ];
}

/** True while the database lacks a migration of this build. */
export async function hasPendingMigrations(dataSource: DataSource): Promise<boolean> {
  const pending = await new MigrationExecutor(dataSource).getPendingMigrations();
  return pending.length > 0;
}

function withExecutor<T>(
  dataSource: DataSource,
  work: (executor: MigrationExecutor) => Promise<T>,
): Promise<T> {
  const execute = (runner: QueryRunner) => {
    const executor = new MigrationExecutor(runner.dataSource, runner);
    executor.transaction = 'each';
    return work(executor);
  };
  const { options } = dataSource;
  return options.type === 'postgres'
    ? withMigrationConnection(options, execute)
    : withMigrationTransaction(dataSource, execute);
}
