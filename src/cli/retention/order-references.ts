import type { DataSource } from 'typeorm';
import { isPostgres } from '../../database/is-postgres';

/** They are exported and deleted with their orders. */
const OF_ORDERS = `'order_history', 'order_metadata'`;

/** A pair of columns of a foreign key, all as SQL. */
interface ReferenceColumn {
  readonly key: string;
  readonly table: string;
  readonly column: string;
  readonly target: string;
}

const ON_SQLITE = `SELECT name || ' ' || id AS key, '"' || replace(name, '"', '""') || '"' AS "table",
    '"' || replace("from", '"', '""') || '"' AS "column",
    '"' || replace(COALESCE("to", 'id'), '"', '""') || '"' AS target
  FROM (SELECT sqlite_master.name, keys.* FROM sqlite_master
    JOIN pragma_foreign_key_list(sqlite_master.name) AS keys
    WHERE sqlite_master.type = 'table' AND lower(keys."table") = 'orders')
  WHERE name NOT IN (${OF_ORDERS}) ORDER BY key, seq`;

const ON_POSTGRES = `SELECT pg_constraint.oid::text AS key, conrelid::regclass::text AS "table",
    quote_ident(child.attname) AS "column", quote_ident(parent.attname) AS target
  FROM pg_constraint
  CROSS JOIN LATERAL unnest(conkey, confkey) WITH ORDINALITY AS pair(child, parent, seq)
  JOIN pg_attribute AS child ON child.attrelid = conrelid AND child.attnum = pair.child
  JOIN pg_attribute AS parent ON parent.attrelid = confrelid AND parent.attnum = pair.parent
  WHERE contype = 'f' AND confrelid = 'orders'::regclass AND conrelid <> ALL (ARRAY[${OF_ORDERS}]::regclass[])
  ORDER BY key, seq`;

/** Which orders have rows of other modules, by the foreign keys in the database. */
export interface OrderReferences {
  /** The tables with these rows. */
  readonly tables: readonly string[];
  /** A condition on an order, in SQL. */
  readonly areReferenced: string;
}

/**
 * Reads the foreign keys to `orders`. The deletion of an order would delete or change rows that refer to
 * it, which are not in its export, or fail.
 */
export async function readOrderReferences(dataSource: DataSource): Promise<OrderReferences> {
  const sql = isPostgres(dataSource) ? ON_POSTGRES : ON_SQLITE;
  const rows = await dataSource.query<ReferenceColumn[]>(sql);
  const keys = new Map(rows.map(({ key, table }) => [key, table]));
  const exist = Array.from(keys, ([key, table]) => {
    const pairs = rows.filter((row) => row.key === key);
    const equal = pairs.map(({ column, target }) => `referrer.${column} = orders.${target}`);
    return `EXISTS (SELECT 1 FROM ${table} AS referrer WHERE ${equal.join(' AND ')})`;
  });
  return {
    tables: [...new Set(rows.map(({ table }) => table.replaceAll('"', '')))],
    areReferenced: `(${exist.join(' OR ') || '1 = 0'})`,
  };
}
