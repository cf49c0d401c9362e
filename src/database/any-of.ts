import type { DataSource } from 'typeorm';

/**
 * A condition that a column has one of some values, for `where()`. Its SQL does not depend on how
 * many values there are, as `IN (:...values)` does: each text is a prepared statement to keep.
 */
export function anyOf(
  dataSource: DataSource,
  column: string,
  values: readonly (number | string)[],
): [sql: string, parameters: Record<string, unknown>] {
  const name = `${column}_values`;
  return dataSource.options.type === 'postgres'
    ? [`${column} = ANY(:${name})`, { [name]: values }]
    : [`${column} IN (SELECT value FROM json_each(:${name}))`, { [name]: JSON.stringify(values) }];
}
