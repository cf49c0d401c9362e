import { DatabaseUnavailableError } from '../database-unavailable.error';
import { errorCodeOf } from '../error-code';

/** A query waited too long for the single SQLite connection. */
export class DatabaseBusyError extends DatabaseUnavailableError {
  constructor(waitedMs: number) {
    super(
      `No database connection became free within ${waitedMs} ms. SQLite has one connection: ` +
        'inside a transaction, every query must go through the manager of that transaction.',
    );
  }
}

/**
 * SQLite rolled the running transaction back by itself, for example because the disk is full. So are
 * those that it would have committed together with it.
 */
export class TransactionLostError extends DatabaseUnavailableError {
  constructor(cause?: unknown) {
    super('SQLite has rolled this transaction back; it accepts no more statements', { cause });
  }
}

/** A transaction held the single SQLite connection for too long, and was rolled back. */
export class TransactionExpiredError extends DatabaseUnavailableError {
  /** @param lastStatement the SQL of the last statement of the transaction */
  constructor(heldMs: number, lastStatement: string) {
    super(
      `A transaction held the only SQLite connection for more than ${heldMs} ms and was rolled ` +
        'back. Inside a transaction, every query must go through the manager of that ' +
        'transaction, and only queries may be awaited. ' +
        `Its last statement: ${lastStatement.slice(0, 300)}`,
    );
  }
}

/** Another process has locked the SQLite file. */
export class DatabaseLockedError extends DatabaseUnavailableError {
  constructor(waitedMs: number, cause: unknown) {
    super(`Another process has locked the SQLite file for more than ${waitedMs} ms`, { cause });
  }
}

/** The SQLite file cannot be opened at the moment. The next query tries again. */
export class DatabaseNotOpenError extends DatabaseUnavailableError {
  constructor(cause: unknown) {
    super('The SQLite file could not be opened again', { cause });
  }
}

// https://www.sqlite.org/rescode.html
const UNAVAILABLE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|CANTOPEN|READONLY|NOMEM|PROTOCOL)/;

/** True when a statement failed because another process has locked the SQLite file. */
export function isFileLocked(error: unknown): boolean {
  return errorCodeOf(error)?.startsWith('SQLITE_BUSY') === true;
}

/** True when SQLite could not execute a statement, and may be able to later. */
export function isSqliteUnavailable(error: unknown): boolean {
  const code = errorCodeOf(error);
  if (code !== undefined) return UNAVAILABLE.test(code);
  return error instanceof Error && /database connection is not open/i.test(error.message);
}
