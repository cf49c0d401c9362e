import { QueryFailedError } from 'typeorm';
import {
  isDatabaseUnavailable,
  isForeignKeyViolation,
  isLimitedToTransaction,
  isUniqueViolation,
} from './database.errors';
import { ConnectionLostError } from './postgres/postgres.errors';
import {
  DatabaseBusyError,
  TransactionExpiredError,
  TransactionLostError,
} from './sqlite/sqlite.errors';

const withCode = (code: string) => Object.assign(new Error('failed'), { code });
const failedQuery = (code: string) => new QueryFailedError('SELECT 1', [], withCode(code));

describe('isUniqueViolation', () => {
  it.each(['23505', 'SQLITE_CONSTRAINT_UNIQUE', 'SQLITE_CONSTRAINT_PRIMARYKEY'])(
    'is %s',
    (code) => {
      expect(isUniqueViolation(failedQuery(code))).toBe(true);
    },
  );

  it.each(['23503', 'SQLITE_CONSTRAINT_FOREIGNKEY', '57014'])('is not %s', (code) => {
    expect(isUniqueViolation(failedQuery(code))).toBe(false);
  });
});

describe('isForeignKeyViolation', () => {
  it.each(['23503', 'SQLITE_CONSTRAINT_FOREIGNKEY'])('is %s', (code) => {
    expect(isForeignKeyViolation(failedQuery(code))).toBe(true);
  });

  it.each(['23505', 'SQLITE_CONSTRAINT_UNIQUE'])('is not %s', (code) => {
    expect(isForeignKeyViolation(failedQuery(code))).toBe(false);
  });
});

describe('isDatabaseUnavailable', () => {
  it.each([
    ['a refused connection', withCode('ECONNREFUSED')],
    ['a lost connection', withCode('ECONNRESET')],
    ['a server that shuts down', failedQuery('57P01')],
    ['a server that starts up', withCode('57P03')],
    ['a statement timeout', failedQuery('57014')],
    ['a lock timeout', failedQuery('55P03')],
    ['a deadlock', failedQuery('40P01')],
    ['too many connections', withCode('53300')],
    ['an exhausted pool', new Error('timeout exceeded when trying to connect')],
    ['a terminated connection', new Error('Connection terminated unexpectedly')],
    ['a full disk', failedQuery('SQLITE_FULL')],
    ['a failing disk', failedQuery('SQLITE_IOERR_WRITE')],
    ['a locked file', failedQuery('SQLITE_BUSY')],
    ['a connection that did not become free', new DatabaseBusyError(5_000)],
    ['a transaction that SQLite ended', new TransactionLostError()],
    ['a connection that broke in a transaction', new ConnectionLostError()],
  ])('is %s', (_, error) => {
    expect(isDatabaseUnavailable(error)).toBe(true);
  });

  it.each([
    ['a constraint', failedQuery('23505')],
    ['a mistake in the SQL', failedQuery('42601')],
    ['an SQLite constraint', failedQuery('SQLITE_CONSTRAINT_UNIQUE')],
    ['a bug', new TypeError('x is not a function')],
    ['no error at all', 'ECONNREFUSED'],
  ])('is not %s', (_, error) => {
    expect(isDatabaseUnavailable(error)).toBe(false);
  });
});

describe('isLimitedToTransaction', () => {
  it.each([
    ['a statement timeout', failedQuery('57014')],
    ['a lock timeout', failedQuery('55P03')],
    ['a deadlock', failedQuery('40P01')],
    ['a transaction that took too long', new TransactionExpiredError(4_000, 'SELECT 1')],
  ])('is %s', (_, error) => {
    expect(isLimitedToTransaction(error)).toBe(true);
  });

  it.each([
    ['a server that shuts down', failedQuery('57P01')],
    ['a full disk', failedQuery('SQLITE_FULL')],
    ['a locked file', failedQuery('SQLITE_BUSY')],
    ['a constraint', failedQuery('23505')],
    ['a bug', new TypeError('x is not a function')],
  ])('is not %s', (_, error) => {
    expect(isLimitedToTransaction(error)).toBe(false);
  });
});
