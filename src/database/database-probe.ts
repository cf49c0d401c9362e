import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { Pool } from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { PROBE_TIMEOUT_MS, withProbeTimeout } from './probe-timeout';
import type { SingleConnectionSqliteDriver } from './sqlite/single-connection-sqlite-driver';

/**
 * Finds out whether the database responds, without waiting behind requests: a busy server is not
 * one whose database is down.
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
   * Probes at the same time share one query.
   * @throws Error with the reason when the database does not respond within a second
   */
  ping(): Promise<void> {
    this.running ??= this.query().finally(() => {
      this.running = undefined;
    });
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
    } else if (!(dataSource.driver as SingleConnectionSqliteDriver).ping()) {
      // A connection that was given up is opened again by the next query.
      await withProbeTimeout(dataSource.query('SELECT 1'));
    }
  }
}

/** One connection, beside those that serve requests. It is opened by the first probe. */
function createPool({ url, applicationName }: PostgresDataSourceOptions): Pool {
  const pool = new Pool({
    connectionString: url,
    application_name: applicationName,
    max: 1,
    connectionTimeoutMillis: PROBE_TIMEOUT_MS,
    statement_timeout: PROBE_TIMEOUT_MS,
    query_timeout: PROBE_TIMEOUT_MS,
    idleTimeoutMillis: 0, // kept: when the server has no connection left, this one still tells
    keepAlive: true,
    allowExitOnIdle: true,
  });
  // The query that is running fails by itself; an error without a listener would end the process.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
