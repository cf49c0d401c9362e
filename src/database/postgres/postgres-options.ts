import type { EventEmitter } from 'node:events';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { instantStrings } from './instant-strings';
import { PreparingClient } from './preparing-client';

/** In milliseconds. A transaction that a stalled instance leaves open would keep its locks. */
const IDLE_IN_TRANSACTION_MS = 10_000;

/**
 * How long a migration waits for a lock, in milliseconds. Requests queue behind it meanwhile, so it
 * is far shorter than their own `lock_timeout`.
 */
const MIGRATION_LOCK_TIMEOUT_MS = 500;

const CONNECTION = {
  types: instantStrings,
  keepAlive: true,
  // Between the pool and the query runner, a connection has no listener for errors, and an error
  // without a listener ends the process. The query that is running fails by itself.
  onConnect: (client: EventEmitter) => {
    client.on('error', () => undefined);
  },
};

/** How an instance connects to PostgreSQL. All its queries are far shorter than the time limits. */
export function postgresOptions(url: string, poolSize: number): PostgresDataSourceOptions {
  return {
    type: 'postgres',
    url,
    poolSize,
    applicationName: 'order-management-api',
    parseInt8: true, // ids and amounts stay below 2^53
    connectTimeoutMS: 2_000, // also for a free connection of the pool
    extra: {
      lock_timeout: 2_000,
      statement_timeout: 2_500,
      query_timeout: 3_000, // measured by the client, in case the database is gone
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      Client: PreparingClient,
      ...CONNECTION,
    },
  };
}

/** Turns the options of an instance into those of the one connection that migrates. */
export function migrationOptions(options: PostgresDataSourceOptions): PostgresDataSourceOptions {
  // Building a large index may take longer than any request: statements have no time limit.
  const extra = {
    lock_timeout: MIGRATION_LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    ...CONNECTION,
  };
  return { ...options, poolSize: 1, extra };
}
