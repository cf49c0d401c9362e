import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { DataSource, DataSourceOptions } from 'typeorm';
import { createDataSource } from './data-source';
import { postgresLocation } from './database-location';
import { DatabaseConnectionError, isDatabaseUnavailable, isMisconfigured } from './database.errors';

/** How often an unreachable PostgreSQL is tried: for about half a minute. */
const ATTEMPTS = 10;
const PAUSE_MS = 3_000;

const logger = new Logger('Database');

/**
 * Connects to the database. A PostgreSQL that cannot be reached is tried again for a while,
 * because it may be starting at the same time. One that rejects the credentials is not.
 * @throws DatabaseConnectionError when PostgreSQL cannot be used
 */
export async function connectDatabase(options: DataSourceOptions): Promise<DataSource> {
  if (options.type !== 'postgres') return createDataSource(options).initialize();
  const location = postgresLocation(options.url ?? '');
  for (let attempt = 1; ; attempt++) {
    try {
      return await createDataSource(options).initialize();
    } catch (error) {
      const problem = `Cannot connect to ${location}: ${reasonOf(error)}`;
      if (isMisconfigured(error)) throw new DatabaseConnectionError(problem, error);
      if (!isDatabaseUnavailable(error)) throw error;
      if (attempt === ATTEMPTS) {
        throw new DatabaseConnectionError(`${problem} (${ATTEMPTS} attempts)`, error);
      }
      logger.warn(`${problem}. Attempt ${attempt + 1} of ${ATTEMPTS} in ${PAUSE_MS / 1_000} s`);
    }
    await delay(PAUSE_MS);
  }
}

/** The error of a host with several addresses has no message, but one error for each address. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
