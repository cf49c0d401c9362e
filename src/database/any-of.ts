import type { DataSource } from 'typeorm';

/**
 * A condition for `where()`: the column has one of the values. Unlike that of `IN (:...values)`, its
 * SQL does not depend on how many values there are. Each SQL text is a prepared statement to keep.
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
