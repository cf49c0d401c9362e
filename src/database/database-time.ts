import type { DataSource } from 'typeorm';
import { isPostgres } from './is-postgres';
import { largerOf } from './larger-of';

/**
 * SQL for the database's current time in whole milliseconds, plus an offset. All stored and compared
 * instants come from it, so the clocks of instances may differ. On PostgreSQL it is truncated,
 * because a column would round it, and a rounded instant could lie in the future.
 * @param offset seconds, or the SQL of a numeric parameter such as `:delaySeconds`
 */
export function databaseTime(dataSource: DataSource, offset: number | string = 0): string {
  const seconds = typeof offset === 'number' ? String(Math.trunc(offset)) : offset;
  if (isPostgres(dataSource)) {
    const now = `date_trunc('milliseconds', statement_timestamp())`;
    return seconds === '0' ? now : `${now} + ${seconds} * interval '1 second'`;
  }
  const modifier = seconds === '0' ? '' : `, ${seconds} || ' seconds'`;
  return `strftime('%Y-%m-%dT%H:%M:%fZ', 'now'${modifier})`;
}

/**
 * SQL for the database's current time, but never earlier than the instant in a column, because the
 * clock of the database can be set back.
 */
export function databaseTimeAfter(dataSource: DataSource, column: string): string {
  return largerOf(dataSource, column, databaseTime(dataSource));
}
