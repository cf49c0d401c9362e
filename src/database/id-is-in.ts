import type { DataSource } from 'typeorm';
import { isPostgres } from './is-postgres';

/**
 * A condition for `where()`: the id is in a table expression. PostgreSQL computes the array first and
 * looks up each id in the primary key, where it could scan the whole table for `IN`.
 */
export function idIsIn(dataSource: DataSource, table: string): string {
  const ids = `SELECT id FROM ${table}`;
  return isPostgres(dataSource) ? `id = ANY(ARRAY(${ids}))` : `id IN (${ids})`;
}
