import type { DataSource } from 'typeorm';
import { isPostgres } from './is-postgres';

/**
 * A condition for `where()`: the column has one of the values. Unlike `IN (:...values)`, its SQL does
 * not depend on the number of values, so one prepared statement serves all lists.
 */
export function anyOf(
  dataSource: DataSource,
  column: string,
  values: readonly (number | string)[],
): [sql: string, parameters: Record<string, unknown>] {
  const name = `${column}_values`;
  return isPostgres(dataSource)
    ? [`${column} = ANY(:${name})`, { [name]: values }]
    : [`${column} IN (SELECT value FROM json_each(:${name}))`, { [name]: JSON.stringify(values) }];
}
