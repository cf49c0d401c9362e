import type { DataSource } from 'typeorm';
import { isPostgres } from './is-postgres';

/**
 * SQL after the name of a table: the index by which SQLite reads it. Its planner would choose another one.
 * PostgreSQL has no such hint.
 */
export function indexedBy(dataSource: DataSource, index: string): string {
  return isPostgres(dataSource) ? '' : `INDEXED BY ${index}`;
}
