import type { EntityManager } from 'typeorm';

/**
 * Executes a statement with named parameters (`:name`).
 * @returns the rows of a SELECT or an INSERT, with the values of the driver
 */
export function namedQuery<Row>(
  manager: EntityManager,
  sql: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<Row[]> {
  const { driver } = manager.dataSource;
  return manager.query<Row[]>(...driver.escapeQueryWithParameters(sql, { ...parameters }));
}
