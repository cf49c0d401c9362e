import { DatabaseUnavailableError } from './database-unavailable.error';
import { errorCodeOf } from './error-code';
import {
  isLockConflict,
  isPostgresUnavailable,
  isStatementCanceled,
} from './postgres/postgres.errors';
import { TransactionExpiredError, isSqliteUnavailable } from './sqlite/sqlite.errors';

/** Codes of PostgreSQL (SQLSTATE) and of SQLite. */
const UNIQUE_VIOLATIONS = new Set([
  '23505',
  'SQLITE_CONSTRAINT_UNIQUE',
  'SQLITE_CONSTRAINT_PRIMARYKEY',
]);
const FOREIGN_KEY_VIOLATIONS = new Set(['23503', 'SQLITE_CONSTRAINT_FOREIGNKEY']);

/** True when a statement violated a unique index or a primary key. */
export function isUniqueViolation(error: unknown): boolean {
  return UNIQUE_VIOLATIONS.has(errorCodeOf(error) ?? '');
}

/** True when a statement violated a foreign key. */
export function isForeignKeyViolation(error: unknown): boolean {
  return FOREIGN_KEY_VIOLATIONS.has(errorCodeOf(error) ?? '');
}

/** True when the database could not be used, and the same request may succeed later. */
export function isDatabaseUnavailable(error: unknown): boolean {
  return (
    error instanceof DatabaseUnavailableError ||
    isPostgresUnavailable(error) ||
    isSqliteUnavailable(error)
  );
}

/**
 * True when one transaction waited for others, or lasted, for too long: of the errors of
 * {@link isDatabaseUnavailable}, those after which another transaction may succeed at once.
 */
export function isLimitedToTransaction(error: unknown): boolean {
  return (
    isLockConflict(error) || isStatementCanceled(error) || error instanceof TransactionExpiredError
  );
}
