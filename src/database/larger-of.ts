import type { DataSource } from 'typeorm';
import { isPostgres } from './is-postgres';

/** SQL for the larger of two values, neither of which may be NULL. */
export function largerOf(dataSource: DataSource, a: string, b: string): string {
  return `${isPostgres(dataSource) ? 'GREATEST' : 'MAX'}(${a}, ${b})`;
}
