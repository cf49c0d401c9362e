import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { messageOf } from '../../common/message-of';
import { DatabaseConnectionError, isMisconfigured, isPostgresUnavailable } from './postgres.errors';

/** How often an unreachable PostgreSQL is tried: for about half a minute. */
const ATTEMPTS = 10;
const PAUSE_MS = 3_000;

const logger = new Logger('Database');

/**
 * Retries to connect while PostgreSQL is unreachable, because it may be starting at the same time.
 * Does not retry when PostgreSQL rejects the credentials.
 * @param location of the database, for the log
 * @throws DatabaseConnectionError when PostgreSQL cannot be used
 */
export async function retryWhileUnreachable<T>(
  location: string,
  connect: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connect();
    } catch (error) {
      const problem = `Cannot connect to ${location}: ${reasonOf(error)}`;
      if (isMisconfigured(error)) throw new DatabaseConnectionError(problem, { cause: error });
      if (!isPostgresUnavailable(error)) throw error;
      if (attempt === ATTEMPTS) {
        throw new DatabaseConnectionError(`${problem} (${ATTEMPTS} attempts)`, { cause: error });
      }
      logger.warn(`${problem}. Attempt ${attempt + 1} of ${ATTEMPTS} in ${PAUSE_MS / 1_000} s`);
    }
    await delay(PAUSE_MS);
  }
}

/** The error of a host with several addresses has no message, but one error for each address. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return messageOf(error);
}
