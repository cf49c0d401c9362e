import { join } from 'node:path';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { DatabaseTarget } from '../config/app-config';
import { SingleConnectionSqliteDriver } from './single-connection-sqlite-driver';
import { TypeOrmNestLogger } from './typeorm-nest-logger';

const SOURCE_ROOT = join(__dirname, '..');

/** Connections of one instance; PostgreSQL allows 100 in all by default. */
const POSTGRES_POOL_SIZE = 20;

/** Limits for one PostgreSQL session, in milliseconds. None of the server's queries comes near. */
const POSTGRES_TIMEOUTS = {
  /** For a new connection, and for a free one of the pool. */
  connectTimeoutMS: 2_000,
  extra: {
    statement_timeout: 5_000,
    lock_timeout: 3_000,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
  },
};

/** How long SQLite waits for another process that has locked the file, in milliseconds. */
const SQLITE_BUSY_TIMEOUT_MS = 2_000;

/** The options that application, command line and tests have in common. */
export function dataSourceOptions(target: DatabaseTarget): DataSourceOptions {
  const common = {
    entities: [join(SOURCE_ROOT, '**', '*.entity.{js,ts}')],
    migrations: [join(SOURCE_ROOT, '..', 'migrations', '*.{js,ts}')],
    synchronize: false,
    logger: new TypeOrmNestLogger(['warn', 'migration']),
  };
  switch (target.kind) {
    case 'sqlite':
      return {
        ...common,
        type: 'better-sqlite3',
        database: target.path,
        timeout: SQLITE_BUSY_TIMEOUT_MS,
        statementCacheSize: 500,
        enableWAL: true,
        prepareDatabase: (connection: { pragma(sql: string): void }) => {
          // A commit is answered only after it was synced: acknowledged means durable.
          connection.pragma('synchronous = FULL');
        },
      };
    case 'postgres':
      return {
        ...common,
        ...POSTGRES_TIMEOUTS,
        type: 'postgres',
        url: target.url,
        poolSize: POSTGRES_POOL_SIZE,
        applicationName: 'order-management-api',
        parseInt8: true, // ids and amounts stay below 2^53
      };
  }
}

/** Makes a data source, not connected yet. The only place that does. */
export function createDataSource(options: DataSourceOptions): DataSource {
  const dataSource = new DataSource(options);
  if (options.type === 'better-sqlite3') {
    dataSource.driver = new SingleConnectionSqliteDriver(dataSource);
  }
  return dataSource;
}
