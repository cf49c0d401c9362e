import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { PROBE_TIMEOUT_MS, withProbeTimeout } from './probe-timeout';
import type { SingleConnectionSqliteDriver } from './sqlite/single-connection-sqlite-driver';

/**
 * Checks whether the database responds. It does not wait for the connections that serve requests, so
 * a busy pool does not look like an unreachable database.
 */
@Injectable()
export class DatabaseProbe implements OnApplicationShutdown {
  private readonly pool: Pool | undefined;
  private running: Promise<void> | undefined;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    const { options } = dataSource;
    this.pool = options.type === 'postgres' ? createPool(options) : undefined;
  }

  /**
   * Concurrent probes share one query.
   * @throws Error with the reason when the database does not respond within a second
   */
  ping(): Promise<void> {
    this.running ??= this.query().finally(() => (this.running = undefined));
    return this.running;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.pool?.end();
  }

  private async query(): Promise<void> {
    const { pool, dataSource } = this;
    if (!dataSource.isInitialized) throw new Error('The connection to the database is closed');
    if (pool) {
      await pool.query('SELECT 1');
    } else if (!(dataSource.driver as SingleConnectionSqliteDriver).shared.ping()) {
      // After a connection was given up, the next query opens another one.
      await withProbeTimeout(dataSource.query('SELECT 1'));
    }
  }
}

/** One connection, in addition to those that serve requests. The first probe opens it. */
function createPool({ url, applicationName }: PostgresDataSourceOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: applicationName,
    max: 1,
    connectionTimeoutMillis: PROBE_TIMEOUT_MS,
    statement_timeout: PROBE_TIMEOUT_MS,
    query_timeout: PROBE_TIMEOUT_MS,
    idleTimeoutMillis: 0, // kept, because PostgreSQL may have no free connection later
    keepAlive: true,
    allowExitOnIdle: true,
  });
  // An error without a listener would end the process. The query that is running fails anyway.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
