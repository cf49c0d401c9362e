import type { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { DataSource, type DataSourceOptions, type MigrationInterface } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import type { DatabaseTarget } from '../config/app-config';
import { ResilientPostgresDriver } from './postgres/resilient-postgres-driver';
import { SingleConnectionSqliteDriver } from './sqlite/single-connection-sqlite-driver';
import { TypeOrmNestLogger } from './typeorm-nest-logger';

const SOURCE_ROOT = join(__dirname, '..');

/** A transaction that a stalled instance leaves open would keep its locks. */
const IDLE_IN_TRANSACTION_MS = 10_000;

const POSTGRES_SOCKET = {
  keepAlive: true,
  // Between the pool and the query runner nobody listens, and an error that nobody listens to
  // ends the process. What was being asked fails by itself.
  onConnect: (client: EventEmitter) => {
    client.on('error', () => undefined);
  },
};

/** How PostgreSQL is connected to. Times are in milliseconds; no query of the server comes near. */
const POSTGRES_CONNECTION = {
  /** For a new connection, and for a free one of the pool. */
  connectTimeoutMS: 2_000,
  extra: {
    lock_timeout: 2_000,
    statement_timeout: 2_500,
    // Counted here rather than by the server, in case that is not there any more.
    query_timeout: 3_000,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    ...POSTGRES_SOCKET,
  },
};

/**
 * The options that application, command line and tests have in common.
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
  switch (target.kind) {
    case 'sqlite':
      return {
        ...common,
        type: 'better-sqlite3',
        database: target.path,
        timeout: 0, // a locked file is waited for without blocking the thread: see the driver
        statementCacheSize: 500,
      };
    case 'postgres':
      return {
        ...common,
        ...POSTGRES_CONNECTION,
        type: 'postgres',
        url: target.url,
        poolSize: target.poolSize,
        applicationName: 'order-management-api',
        parseInt8: true, // ids and amounts stay below 2^53
      };
  }
}

/**
 * How long a migration waits for a lock, in milliseconds. Requests queue behind it meanwhile, so it
 * is far shorter than their own `lock_timeout`.
 */
const MIGRATION_LOCK_TIMEOUT_MS = 500;

/** Turns the options of an instance into those of the one connection that migrates. */
export function migrationOptions(options: PostgresDataSourceOptions): PostgresDataSourceOptions {
  // Building a large index may take longer than any request: statements have no time limit.
  const extra = {
    lock_timeout: MIGRATION_LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    ...POSTGRES_SOCKET,
  };
  return { ...options, poolSize: 1, extra };
}

/** Makes a data source, not connected yet. The only place that does. */
export function createDataSource(options: DataSourceOptions): DataSource {
  const dataSource = new DataSource(options);
  if (options.type === 'better-sqlite3') {
    dataSource.driver = new SingleConnectionSqliteDriver(dataSource);
  } else if (options.type === 'postgres') {
    dataSource.driver = new ResilientPostgresDriver(dataSource);
  }
  return dataSource;
}
