import type { DataSource } from 'typeorm';
import { isPostgres } from './is-postgres';

/** The column types of {@link valueRows}, by the names of PostgreSQL. */
type ColumnType = 'bigint' | 'integer' | 'text';

/**
 * SQL of a table expression whose rows are parameters, for statements that write other values to each
 * of many rows. It does not depend on the number of rows.
 * @param columns their names in the SQL, which are also the properties of the rows
 * @param name of the parameters; each table expression of a statement needs its own
 */
export function valueRows<Row extends object>(
  dataSource: DataSource,
  columns: { readonly [Name in keyof Row]-?: ColumnType },
  rows: readonly Row[],
  name = 'rows',
): { readonly sql: string; readonly parameters: Record<string, unknown> } {
  const names = Object.keys(columns) as (keyof Row & string)[];
  if (isPostgres(dataSource)) {
    const arrays = names.map((column) => `:${name}_${column}::${columns[column]}[]`);
    return {
      sql: `SELECT ${names.join(', ')}
        FROM unnest(${arrays.join(', ')}) AS value_rows(${names.join(', ')})`,
      parameters: Object.fromEntries(
        names.map((column) => [`${name}_${column}`, rows.map((row) => row[column])]),
      ),
    };
  }
  const values = names.map((column, index) => `json_extract(value, '$[${index}]') AS ${column}`);
  return {
    sql: `SELECT ${values.join(', ')} FROM json_each(:${name})`,
    parameters: { [name]: JSON.stringify(rows.map((row) => names.map((column) => row[column]))) },
  };
}
