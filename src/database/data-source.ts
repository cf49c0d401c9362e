import { join } from 'node:path';
import { DataSource, type DataSourceOptions, type MigrationInterface } from 'typeorm';
import type { DatabaseTarget } from '../config/database-config';
import { postgresLocation } from './database-location';
import { postgresOptions } from './postgres/postgres-options';
import { ResilientPostgresDriver } from './postgres/resilient-postgres-driver';
import { retryWhileUnreachable } from './postgres/retry-while-unreachable';
import { keepStatements } from './sqlite/keep-statements';
import { SingleConnectionSqliteDriver } from './sqlite/single-connection-sqlite-driver';
import { TypeOrmNestLogger } from './typeorm-nest-logger';

const SOURCE_ROOT = join(__dirname, '..');

keepStatements(); // before the first SQLite file is opened

/**
 * The options that the application, the command line and the tests share.
 * @param migrations those that are not in the `migrations` folder
 */
export function dataSourceOptions(
  target: DatabaseTarget,
  migrations: readonly (new () => MigrationInterface)[] = [],
): DataSourceOptions {
  const common = {
    entities: [join(SOURCE_ROOT, '**', '*.entity.{js,ts}')],
    migrations: [join(SOURCE_ROOT, '..', 'migrations', '*.{js,ts}'), ...migrations],
    synchronize: false,
    logger: new TypeOrmNestLogger(['warn', 'migration']),
  };
  if (target.kind === 'postgres') {
    return { ...common, ...postgresOptions(target.url, target.poolSize) };
  }
  return {
    ...common,
    type: 'better-sqlite3',
    database: target.path,
    timeout: 0, // SQLite's own wait for a locked file blocks the thread: see `retryWhileLocked`
    statementCacheSize: 500,
  };
}

/** Creates a data source that is not connected yet. All data sources are created here. */
export function createDataSource(options: DataSourceOptions): DataSource {
  const dataSource = new DataSource(options);
  if (options.type === 'better-sqlite3') {
    dataSource.driver = new SingleConnectionSqliteDriver(dataSource);
  } else if (options.type === 'postgres') {
    dataSource.driver = new ResilientPostgresDriver(dataSource);
  }
  return dataSource;
}

/**
 * Connects to the database. Waits for a while for a PostgreSQL that is unreachable.
 * @throws DatabaseConnectionError when PostgreSQL cannot be used
 */
export function connectDatabase(options: DataSourceOptions): Promise<DataSource> {
  const connect = () => createDataSource(options).initialize();
  return options.type === 'postgres'
    ? retryWhileUnreachable(postgresLocation(options.url ?? ''), connect)
    : connect();
}
