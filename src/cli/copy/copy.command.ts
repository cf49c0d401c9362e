import type { Command } from 'commander';
import type { QueryRunner } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { messageOf } from '../../common/message-of';
import { printToStderr } from '../../common/print-to-stderr';
import type { DatabaseTarget } from '../../config/database-config';
import { connectDatabase, createDataSource, dataSourceOptions } from '../../database/data-source';
import { migrate } from '../../database/migrate';
import { migrationOptions } from '../../database/postgres/postgres-options';
import { EXIT, requireFile, runWithoutConnection } from '../../database/run-command';
import { DatabaseInUseError, lockForServer } from '../../database/sqlite/sqlite-server-lock';
import { runOrEndOnSignal } from '../interruption';
import { runInterruptibly } from '../run-on-database';
import { copyTables, readTargets, requireEmpty, sumTables } from './copy-tables';
import { SqliteSource } from './sqlite-source';

const BEFORE_ROWS =
  'No rows were written to PostgreSQL; tables may have been created. The command can be repeated.';

/** `copy-to-postgres`: moves a server from SQLite to PostgreSQL. */
export function addCopyCommand(program: Command): void {
  program
    .command('copy-to-postgres')
    .description('copy an SQLite file to the empty PostgreSQL database of DATABASE_URL')
    .requiredOption('--from <file>', 'the SQLite file; its server must be stopped')
    .action(({ from }: { from: string }) =>
      runWithoutConnection(async (target) => {
        if (target.kind === 'postgres') return copy(from, target);
        printToStderr('DATABASE_URL is not set: it names the database of the copy');
        return EXIT.usage;
      }),
    );
}

async function copy(from: string, target: DatabaseTarget): Promise<number> {
  await requireFile(from, '--from');
  const unlock = await lockSource(from); // before the first read, so that nothing is written after it
  try {
    const source = SqliteSource.open(from);
    try {
      return await copyFrom(source, target);
    } finally {
      source.close();
    }
  } finally {
    unlock();
  }
}

/** @throws Error while a server runs on the file */
async function lockSource(path: string): Promise<() => void> {
  try {
    return await runOrEndOnSignal(BEFORE_ROWS, () => lockForServer({ kind: 'sqlite', path }));
  } catch (error) {
    if (!(error instanceof DatabaseInUseError)) throw error;
    const consequence = 'What it writes after the copy would be lost, so stop it first.';
    throw new Error(`A server is running on ${path}. ${consequence}`, { cause: error });
  }
}

/** Signals end the process at once, except between two steps of the copy. */
async function copyFrom(source: SqliteSource, target: DatabaseTarget): Promise<number> {
  const options = dataSourceOptions(target) as PostgresDataSourceOptions;
  const names = source.tables();
  await runOrEndOnSignal(BEFORE_ROWS, () => migrateEmpty(options, names));
  // Its statements have no time limit.
  const dataSource = await runOrEndOnSignal(BEFORE_ROWS, () =>
    createDataSource(migrationOptions(options)).initialize(),
  );
  try {
    const runner = dataSource.createQueryRunner();
    const targets = await runOrEndOnSignal(BEFORE_ROWS, async () => {
      const run = (await runner.query('SELECT name FROM migrations')) as { name: string }[];
      requireSame(source.migrations(), new Set(run.map(({ name }) => name)));
      return readTargets(source, runner);
    });
    // Before the transaction, because sums take long, and PostgreSQL ends transactions that are idle.
    const tables = sumTables(source, targets);
    return await runInterruptibly(async (session) => {
      await runner.startTransaction();
      const lines = await copyTables(source, runner, tables, session);
      await runner.commitTransaction();
      for (const line of lines) process.stdout.write(`${line}\n`);
      await analyze(runner, names);
      return EXIT.done;
    });
  } finally {
    await dataSource.destroy(); // rolls back what was not committed
  }
}

/** @throws Error when a table has rows, before the first change, so that another server keeps its schema */
async function migrateEmpty(
  options: PostgresDataSourceOptions,
  names: readonly string[],
): Promise<void> {
  const dataSource = await connectDatabase(options);
  try {
    for (const name of names) {
      const [found] = await dataSource.query<{ table: string | null }[]>(
        'SELECT to_regclass(quote_ident($1))::text AS table',
        [name],
      );
      if (found?.table) await requireEmpty(dataSource, name);
    }
    await migrate(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

/** The copy is complete without it: a failure is a warning. */
async function analyze(runner: QueryRunner, tables: readonly string[]): Promise<void> {
  try {
    for (const name of tables) await runner.query(`ANALYZE "${name}"`);
  } catch (error) {
    printToStderr(`The copy is complete, but ANALYZE failed: ${messageOf(error)}`);
  }
}

function requireSame(ofSource: readonly string[], ofTarget: ReadonlySet<string>): void {
  const differing = [
    ...ofSource.filter((name) => !ofTarget.has(name)),
    ...[...ofTarget].filter((name) => !ofSource.includes(name)),
  ];
  if (differing.length === 0) return;
  throw new Error(
    'Both databases need the same migrations: start and stop the server once on each. ' +
      `These have run on one of them only: ${differing.join(', ')}`,
  );
}
