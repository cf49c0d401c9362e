import type { DataSource } from 'typeorm';
import { isPostgres } from './is-postgres';

/** The column types of {@link valueRows}, by the names of PostgreSQL. */
type ColumnType = 'bigint' | 'integer' | 'text' | 'timestamptz';

/**
 * SQL of a table expression whose rows are parameters, for statements that write other values to each
 * of many rows. Its text does not depend on the number of rows.
 * @param columns their names in the SQL, which are also the properties of the rows
 */
export function valueRows<Row extends object>(
  dataSource: DataSource,
  columns: { readonly [Name in keyof Row]-?: ColumnType },
  rows: readonly Row[],
): { readonly sql: string; readonly parameters: Record<string, unknown> } {
  const names = Object.keys(columns) as (keyof Row & string)[];
  if (isPostgres(dataSource)) {
    const arrays = names.map((name) => `:rows_${name}::${columns[name]}[]`);
    return {
      sql: `SELECT * FROM unnest(${arrays.join(', ')}) AS value_rows(${names.join(', ')})`,
      parameters: Object.fromEntries(
        names.map((name) => [`rows_${name}`, rows.map((row) => row[name])]),
      ),
    };
  }
  const values = names.map((name, index) => `json_extract(value, '$[${index}]') AS ${name}`);
  return {
    sql: `SELECT ${values.join(', ')} FROM json_each(:rows)`,
    parameters: { rows: JSON.stringify(rows.map((row) => names.map((name) => row[name]))) },
  };
}
