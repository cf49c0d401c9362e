import type { DataSource } from 'typeorm';

/** Whether the database is PostgreSQL; otherwise it is SQLite. */
export function isPostgres(dataSource: Pick<DataSource, 'options'>): boolean {
  return dataSource.options.type === 'postgres';
}
