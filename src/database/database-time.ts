import type { DataSource } from 'typeorm';

/**
 * SQL for the database's own time in whole milliseconds, moved by some seconds. All instants that
 * are stored or compared are taken from it, so the clocks of instances may differ. It is truncated
 * on PostgreSQL, because a column rounds it, and a rounded instant could lie in the future.
 * @param offset seconds, or the SQL of a numeric parameter such as `:delaySeconds`
 */
export function databaseTime(dataSource: DataSource, offset: number | string = 0): string {
  const seconds = typeof offset === 'number' ? String(Math.trunc(offset)) : offset;
  if (dataSource.options.type === 'postgres') {
    const now = `date_trunc('milliseconds', statement_timestamp())`;
    return seconds === '0' ? now : `${now} + ${seconds} * interval '1 second'`;
  }
  const modifier = seconds === '0' ? '' : `, ${seconds} || ' seconds'`;
  return `strftime('%Y-%m-%dT%H:%M:%fZ', 'now'${modifier})`;
}

/**
 * SQL for the database's own time, but never earlier than the instant in a column: the clock of a
 * database can be set back, too.
 */
export function databaseTimeAfter(dataSource: DataSource, column: string): string {
  const latest = dataSource.options.type === 'postgres' ? 'GREATEST' : 'MAX';
  return `${latest}(${column}, ${databaseTime(dataSource)})`;
}
