import { Logger } from '@nestjs/common';
import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { withMigrationConnection, retryLockConflicts } from './migration-connection';

const logger = new Logger('Migrations');

/**
 * Runs the pending migrations. Instances that start together on one PostgreSQL take turns, and
 * the later ones find nothing left to do.
 * @returns the names of those it has run
 * @throws MigrationBlockedError when another transaction or instance blocks them for too long
 */
export async function migrate(dataSource: DataSource): Promise<string[]> {
  const names = (await hasPendingMigrations(dataSource)) ? await runPending(dataSource) : [];
  logger.log(names.length > 0 ? `Migrations run: ${names.join(', ')}` : 'No migration is pending');
  return names;
}

async function runPending(dataSource: DataSource): Promise<string[]> {
  return withExecutor(dataSource, async (executor) => {
    const pending = await executor.getPendingMigrations();
    await retryLockConflicts(() => executor.executePendingMigrations());
    return pending.map(({ name }) => name);
  });
}

/**
 * Reverts the migration that was run last.
 * @returns its name, or undefined when none has been run
 * @throws MigrationBlockedError as {@link migrate} does
 */
export async function revertLastMigration(dataSource: DataSource): Promise<string | undefined> {
  return withExecutor(dataSource, async (executor) => {
    const [last] = await executor.getExecutedMigrations();
    if (!last) return undefined;
    // TypeORM heeds this member of a migration only when it runs it.
    const migration = dataSource.migrations.find(
      ({ constructor }) => constructor.name === last.name,
    );
    if (migration?.transaction === false) executor.transaction = 'none';
    await retryLockConflicts(() => executor.undoLastMigration());
    return last.name;
  });
}

/** Names the migrations of the database and of this build, in the order they run in. */
export async function listMigrations(
  dataSource: DataSource,
): Promise<{ readonly name: string; readonly isPending: boolean }[]> {
  const executor = new MigrationExecutor(dataSource);
  const executed = await executor.getExecutedMigrations(); // the latest first
  const pending = await executor.getPendingMigrations();
  return [
    ...executed.toReversed().map(({ name }) => ({ name, isPending: false })),
    ...pending.map(({ name }) => ({ name, isPending: true })),
  ];
}

/** True while the database lacks a migration that this build brings. */
export async function hasPendingMigrations(dataSource: DataSource): Promise<boolean> {
  const pending = await new MigrationExecutor(dataSource).getPendingMigrations();
  return pending.length > 0;
}

async function withExecutor<T>(
  dataSource: DataSource,
  work: (executor: MigrationExecutor) => Promise<T>,
): Promise<T> {
  const { options } = dataSource;
  if (options.type === 'postgres') {
    return withMigrationConnection(options, (connection, runner) =>
      work(createExecutor(connection, runner)),
    );
  }
  const runner = dataSource.createQueryRunner();
  // SQLite changes a table by replacing it, which foreign keys to it prevent. They can be turned off
  // outside of a transaction only; TypeORM does so inside when it reverts.
  await runner.beforeMigration();
  try {
    return await work(createExecutor(dataSource, runner));
  } finally {
    await runner.afterMigration();
    await runner.release();
  }
}

function createExecutor(dataSource: DataSource, runner: QueryRunner): MigrationExecutor {
  const executor = new MigrationExecutor(dataSource, runner);
  executor.transaction = 'each';
  return executor;
}
