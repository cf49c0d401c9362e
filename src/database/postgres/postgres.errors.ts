import { DatabaseUnavailableError } from '../database-unavailable.error';
import { errorCodeOf } from '../error-code';

/** The connection to PostgreSQL broke earlier in the transaction. */
export class ConnectionLostError extends DatabaseUnavailableError {
  constructor() {
    super('The connection of this transaction was lost; nothing of it was committed');
  }
}

/** The server cannot start, because PostgreSQL is unreachable or rejects the configured login. */
export class DatabaseConnectionError extends Error {
  override readonly name = 'DatabaseConnectionError';
}

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const LOCK_TIMEOUT = '55P03';
const DEADLOCK = '40P01';
const QUERY_CANCELED = '57014';
const UNKNOWN_DATABASE = '3D000';
const MISCONFIGURED = new Set([
  '28000', // no such role, or a role that may not connect from here
  '28P01', // wrong password
  UNKNOWN_DATABASE,
]);
const UNAVAILABLE_CLASSES = new Set([
  '08', // connection exceptions
  '53', // insufficient resources: too many connections, disk full
  '57', // operator intervention: statement timeout, shutdown, starting up
  '58', // system errors outside PostgreSQL
]);
const UNAVAILABLE = new Set([
  LOCK_TIMEOUT,
  '40001', // serialization failure
  DEADLOCK,
  '25006', // read-only: a standby, or a primary that was just demoted
  UNKNOWN_DATABASE, // not created yet, or being restored
]);

/** Errors of the network have a code of Node.js instead of an SQLSTATE. */
const CONNECTION_FAILURES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Errors of pg and its pool have no code. */
const POOL_FAILURE =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|client (has encountered a connection error|was closed)|pool after calling end/i;

/** True when a statement waited longer than `lock_timeout` for another transaction. */
export function isLockTimeout(error: unknown): boolean {
  return errorCodeOf(error) === LOCK_TIMEOUT;
}

/** True when a transaction failed while it waited for a lock, and may succeed when retried. */
export function isLockConflict(error: unknown): boolean {
  return isLockTimeout(error) || errorCodeOf(error) === DEADLOCK;
}

/** True when a statement exceeded `statement_timeout`, or an administrator has canceled it. */
export function isStatementCanceled(error: unknown): boolean {
  return errorCodeOf(error) === QUERY_CANCELED;
}

/** True when PostgreSQL rejects the user, the password or the name of the database. */
export function isMisconfigured(error: unknown): boolean {
  return MISCONFIGURED.has(errorCodeOf(error) ?? '');
}

/** True when PostgreSQL has not responded within `query_timeout`. */
export function isQueryTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** True when PostgreSQL could not be reached or could not serve a statement, and may later. */
export function isPostgresUnavailable(error: unknown): boolean {
  const code = errorCodeOf(error);
  if (code === undefined) return error instanceof Error && POOL_FAILURE.test(error.message);
  return (
    CONNECTION_FAILURES.has(code) ||
    UNAVAILABLE.has(code) ||
    (/^\w{5}$/.test(code) && UNAVAILABLE_CLASSES.has(code.slice(0, 2)))
  );
}
