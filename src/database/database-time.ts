import type { DataSource } from 'typeorm';

/**
 * SQL for the database's own time, moved by some seconds. Whatever instances compare (leases, the
 * ends of sessions, the age of idempotency keys) is set and compared with it, so that their clocks
 * may differ.
 */
export function databaseTime(dataSource: DataSource, offsetSeconds = 0): string {
  const seconds = Math.trunc(offsetSeconds);
  return dataSource.options.type === 'postgres'
    ? `statement_timestamp() + interval '${seconds} seconds'`
    : `strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '${seconds} seconds')`;
}
