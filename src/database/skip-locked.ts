import type { DataSource } from 'typeorm';
import { isPostgres } from './is-postgres';

/** The end of a SELECT that locks rows, but not those that another transaction has locked. */
export function skipLocked(dataSource: DataSource): string {
  return isPostgres(dataSource) ? 'FOR UPDATE SKIP LOCKED' : '';
}
