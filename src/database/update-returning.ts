import type { EntityManager } from 'typeorm';
import { isPostgres } from './is-postgres';
import { namedQuery } from './named-query';

/**
 * Executes an UPDATE with a RETURNING clause that TypeORM's builder cannot express, such as one with `FROM`.
 * @returns the rows, with the values of the driver
 */
export function updateReturning<Row>(
  manager: EntityManager,
  sql: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Row[]> {
  // On PostgreSQL, TypeORM returns the rows of a SELECT only.
  const statement = isPostgres(manager.dataSource)
    ? `WITH updated AS (${sql}) SELECT * FROM updated`
    : sql;
  return namedQuery<Row>(manager, statement, parameters);
}
