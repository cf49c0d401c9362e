import { QueryFailedError } from 'typeorm';

/** The code of a driver's error: SQLSTATE, a result code of SQLite, or a code of Node.js. */
export function errorCodeOf(error: unknown): string | undefined {
  // `instanceof Error` would fail in Jest: better-sqlite3 takes the class Error of the realm that
  // loaded it first.
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}
