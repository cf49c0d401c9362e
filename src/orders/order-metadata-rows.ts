import type { DataSource, EntityManager } from 'typeorm';
import { anyOf } from '../database/any-of';
import { isPostgres } from '../database/is-postgres';
import { namedQuery } from '../database/named-query';
import { SqlExpression } from '../database/returning';
import { valueRows } from '../database/value-rows';
import type { Metadata, MetadataChanges } from './metadata';
import type { Order } from './order.entity';

/** An order with its metadata. */
export interface WithMetadata {
  /** JSON. Null when the order has none. */
  readonly metadataJson: string | null;
}

export type OrderWithMetadata = Order & WithMetadata;

const ENTRY_COLUMNS = { key: 'text', value: 'text' } as const;

/**
 * A column of a SELECT from `orders`. It reads the metadata only of orders that have had some. Not for
 * statements that wait for locks: they see the order as it is then, but the metadata from before.
 */
export function metadataColumn(dataSource: DataSource): string {
  return `CASE WHEN orders.metadata_version > 0 THEN (
    SELECT ${asJson(dataSource)} FROM order_metadata WHERE order_id = orders.id
  ) END AS "metadataJson"`;
}

/** @returns the number of keys by order, from an index alone, for those that have metadata */
export async function countMetadataKeys(
  manager: EntityManager,
  orderIds: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const [areThese, parameters] = anyOf(manager.dataSource, 'order_id', orderIds);
  const rows = await namedQuery<{ id: number; keys: number }>(
    manager,
    `SELECT order_id AS id, COUNT(*) AS keys FROM order_metadata
     WHERE ${areThese} GROUP BY order_id`,
    parameters,
  );
  return new Map(rows.map(({ id, keys }) => [id, keys]));
}

/** @returns JSON by order, for those that have metadata */
export async function readMetadata(
  manager: EntityManager,
  orderIds: readonly number[],
): Promise<ReadonlyMap<number, string>> {
  if (orderIds.length === 0) return new Map();
  const { dataSource } = manager;
  const [areThese, parameters] = anyOf(dataSource, 'order_id', orderIds);
  const rows = await namedQuery<{ id: number; json: string }>(
    manager,
    `SELECT order_id AS id, ${asJson(dataSource)} AS json FROM order_metadata
     WHERE ${areThese} GROUP BY order_id`,
    parameters,
  );
  return new Map(rows.map(({ id, json }) => [id, json]));
}

/** Reads the metadata of an order that this transaction has locked or written. */
export async function withMetadata(
  manager: EntityManager,
  order: Order,
): Promise<OrderWithMetadata> {
  if (order.metadataVersion === 0) return Object.assign(order, { metadataJson: null });
  const metadata = await readMetadata(manager, [order.id]);
  return Object.assign(order, { metadataJson: metadata.get(order.id) ?? null });
}

/** SQL that writes the metadata of a new order, which is in a table expression `moved`. */
export function insertMetadata(
  dataSource: DataSource,
  moved: string,
  metadata: Metadata,
): SqlExpression {
  const rows = Object.entries(metadata).map(([key, value]) => ({ key, value }));
  const { sql, parameters } = valueRows(dataSource, ENTRY_COLUMNS, rows, 'metadata');
  return new SqlExpression(
    `INSERT INTO order_metadata (order_id, key, value, user_id, created_at)
     SELECT moved.id, given.key, given.value, moved.user_id, moved.created_at
     FROM ${moved} CROSS JOIN (${sql}) AS given`,
    parameters,
  );
}

/** Changes the metadata of an order that this transaction has locked. */
export async function writeMetadata(
  manager: EntityManager,
  orderId: number,
  { removedKeys, written }: MetadataChanges,
): Promise<void> {
  const { dataSource } = manager;
  if (removedKeys.length > 0) {
    const [areRemoved, keys] = anyOf(dataSource, 'key', removedKeys);
    const sql = `DELETE FROM order_metadata WHERE order_id = :orderId AND ${areRemoved}`;
    await namedQuery(manager, sql, { orderId, ...keys });
  }
  if (written.length === 0) return;
  const { sql, parameters } = valueRows(dataSource, ENTRY_COLUMNS, written, 'metadata');
  await namedQuery(
    manager,
    `INSERT INTO order_metadata (order_id, key, value, user_id, created_at)
     SELECT orders.id, given.key, given.value, orders.user_id, orders.created_at
     FROM orders CROSS JOIN (${sql}) AS given WHERE orders.id = :orderId
     ON CONFLICT (order_id, key) DO UPDATE SET value = excluded.value`,
    { orderId, ...parameters },
  );
}

function asJson(dataSource: DataSource): string {
  return isPostgres(dataSource)
    ? 'CAST(json_object_agg(key, value) AS text)'
    : 'json_group_object(key, value)';
}
