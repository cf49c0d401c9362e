import { QueryFailedError } from 'typeorm';

/** How much of a SQL text goes into the log, in characters. */
const MAX_LOGGED_SQL = 300;

/** A query waited longer than it may for the single SQLite connection. */
export class DatabaseBusyError extends Error {
  constructor(waitedMs: number) {
    super(
      `No database connection became free within ${waitedMs} ms. SQLite has one connection: ` +
        'inside a transaction, every query must go through the manager of that transaction.',
    );
    this.name = DatabaseBusyError.name;
  }
}

/** SQLite rolled the running transaction back by itself, for example because the disk is full. */
export class TransactionLostError extends Error {
  constructor() {
    super('SQLite has rolled this transaction back; nothing more can be done in it');
    this.name = TransactionLostError.name;
  }
}

/** A transaction held the single SQLite connection for too long, and was rolled back. */
export class TransactionExpiredError extends Error {
  /** @param lastStatement the last SQL text of the transaction */
  constructor(heldMs: number, lastStatement: string) {
    super(
      `A transaction held the only SQLite connection for more than ${heldMs} ms and was rolled ` +
        'back. Inside a transaction, every query must go through the manager of that ' +
        'transaction, and nothing but queries may be awaited. ' +
        `Its last statement: ${lastStatement.slice(0, MAX_LOGGED_SQL)}`,
    );
    this.name = TransactionExpiredError.name;
  }
}

/** Another process has locked the SQLite file. */
export class DatabaseLockedError extends Error {
  constructor(waitedMs: number, cause: unknown) {
    super(`Another process has locked the SQLite file for more than ${waitedMs} ms`, { cause });
    this.name = DatabaseLockedError.name;
  }
}

/** The SQLite file cannot be opened at the moment. The next query tries again. */
export class DatabaseNotOpenError extends Error {
  constructor(cause: unknown) {
    super('The SQLite file could not be opened again', { cause });
    this.name = DatabaseNotOpenError.name;
  }
}

/** The connection to PostgreSQL broke earlier in the transaction. */
export class ConnectionLostError extends Error {
  constructor() {
    super('The connection of this transaction was lost; nothing of it was committed');
    this.name = ConnectionLostError.name;
  }
}

/** PostgreSQL cannot be used: it is away, or rejects what the configuration says. */
export class DatabaseConnectionError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = DatabaseConnectionError.name;
  }
}

/** Another transaction or instance has kept a migration from running. */
export class MigrationBlockedError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = MigrationBlockedError.name;
  }
}

const UNAVAILABLE = [
  DatabaseBusyError,
  TransactionLostError,
  TransactionExpiredError,
  DatabaseLockedError,
  DatabaseNotOpenError,
  ConnectionLostError,
];

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const POSTGRES_UNIQUE_VIOLATION = '23505';
const POSTGRES_FOREIGN_KEY_VIOLATION = '23503';
const POSTGRES_LOCK_TIMEOUT = '55P03';
const POSTGRES_DEADLOCK = '40P01';
const POSTGRES_UNKNOWN_DATABASE = '3D000';
const POSTGRES_MISCONFIGURED = new Set([
  '28000', // no such role, or one that may not connect from here
  '28P01', // wrong password
  POSTGRES_UNKNOWN_DATABASE,
]);
const POSTGRES_UNAVAILABLE_CLASSES = new Set([
  '08', // connection exceptions
  '53', // insufficient resources: too many connections, disk full
  '57', // operator intervention: statement timeout, shutdown, still starting
  '58', // system errors outside PostgreSQL
]);
const POSTGRES_UNAVAILABLE = new Set([
  POSTGRES_LOCK_TIMEOUT,
  '40001', // serialization failure
  POSTGRES_DEADLOCK,
  '25006', // read-only: a standby, or a primary that was just demoted
  POSTGRES_UNKNOWN_DATABASE, // not yet, or while it is restored
]);

// https://www.sqlite.org/rescode.html
const SQLITE_UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOMEM|PROTOCOL)/;

/** Errors of the network and of the pool carry no SQLSTATE. */
const CONNECTION_FAILURE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const POOL_FAILURE =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|client (has encountered a connection error|was closed)|pool after calling end|database connection is not open/i;

/** True when a row was refused because of a unique index or primary key. */
export function isUniqueViolation(error: unknown): boolean {
  const code = codeOf(error);
  return (
    code === POSTGRES_UNIQUE_VIOLATION ||
    code === 'SQLITE_CONSTRAINT_UNIQUE' ||
    code === 'SQLITE_CONSTRAINT_PRIMARYKEY'
  );
}

/** True when a row was refused because one that it refers to is not there. */
export function isForeignKeyViolation(error: unknown): boolean {
  const code = codeOf(error);
  return code === POSTGRES_FOREIGN_KEY_VIOLATION || code === 'SQLITE_CONSTRAINT_FOREIGNKEY';
}

/** True when a statement waited longer than `lock_timeout` for another transaction. */
export function isLockTimeout(error: unknown): boolean {
  return codeOf(error) === POSTGRES_LOCK_TIMEOUT;
}

/** True when a statement failed because another process has locked the SQLite file. */
export function isFileLocked(error: unknown): boolean {
  return codeOf(error)?.startsWith('SQLITE_BUSY') === true;
}

/** True when a transaction that waited for a lock was ended, and may succeed when tried again. */
export function isLockConflict(error: unknown): boolean {
  return isLockTimeout(error) || codeOf(error) === POSTGRES_DEADLOCK;
}

/** True when PostgreSQL rejects the user, the password or the name of the database. */
export function isMisconfigured(error: unknown): boolean {
  return POSTGRES_MISCONFIGURED.has(codeOf(error) ?? '');
}

/** True when PostgreSQL has not answered within `query_timeout`: a cut line, or a dead server. */
export function isQueryTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** True when the database could not be asked, and the same request may succeed later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (UNAVAILABLE.some((type) => error instanceof type)) return true;
  const code = codeOf(error);
  if (code !== undefined) {
    return (
      CONNECTION_FAILURE.has(code) ||
      POSTGRES_UNAVAILABLE.has(code) ||
      SQLITE_UNAVAILABLE.test(code) ||
      (/^\w{5}$/.test(code) && POSTGRES_UNAVAILABLE_CLASSES.has(code.slice(0, 2)))
    );
  }
  return error instanceof Error && POOL_FAILURE.test(error.message);
}

function codeOf(error: unknown): string | undefined {
  // Not asked for `instanceof Error`: the class of better-sqlite3's errors is that of the first
  // realm of the process that loaded it.
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined;
  return typeof cause.code === 'string' ? cause.code : undefined;
}
