import type { DataSource, EntityManager } from 'typeorm';
import { anyOf } from '../../database/any-of';
import { isPostgres } from '../../database/is-postgres';
import { largerOf } from '../../database/larger-of';
import { namedQuery } from '../../database/named-query';
import { valueRows } from '../../database/value-rows';
import { type ActorType, ENDED_STATUSES, type OrderStatus } from '../../orders/order-status';
import { subtractOrders } from '../../statistics/statistics-tables';

/** An order that is written as a whole. Instants are strings, as both drivers return them. */
export interface OrderRow {
  readonly id: number;
  readonly user_id: number;
  readonly product_name: string;
  readonly amount_minor: number;
  readonly status: OrderStatus;
  readonly version: number;
  readonly attempts: number;
  readonly next_attempt_at: string | null;
  readonly failure_reason: string | null;
  readonly cancel_reason: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly cancelled_at: string | null;
  readonly completed_at: string | null;
}

export interface HistoryRow {
  readonly order_id: number;
  readonly sequence: number;
  readonly from_status: OrderStatus | null;
  readonly to_status: OrderStatus;
  readonly actor_type: ActorType;
  readonly actor_id: number | null;
  readonly reason: string | null;
  readonly created_at: string;
}

const ORDER_COLUMNS = {
  id: 'bigint',
  user_id: 'bigint',
  product_name: 'text',
  amount_minor: 'bigint',
  status: 'text',
  version: 'integer',
  attempts: 'integer',
  next_attempt_at: 'text',
  failure_reason: 'text',
  cancel_reason: 'text',
  created_at: 'text',
  updated_at: 'text',
  cancelled_at: 'text',
  completed_at: 'text',
} as const satisfies Record<keyof OrderRow, string>;

const HISTORY_COLUMNS = {
  order_id: 'bigint',
  sequence: 'integer',
  from_status: 'text',
  to_status: 'text',
  actor_type: 'text',
  actor_id: 'bigint',
  reason: 'text',
  created_at: 'text',
} as const satisfies Record<keyof HistoryRow, string>;

/**
 * Writes orders with their whole histories, which `OrderTransitions` would write step by step. Call it
 * in a transaction.
 */
export async function insertOrders(
  manager: EntityManager,
  orders: readonly OrderRow[],
  history: readonly HistoryRow[],
): Promise<void> {
  await insert(manager, 'orders', ORDER_COLUMNS, orders);
  await insert(manager, 'order_history', HISTORY_COLUMNS, history);
}

/**
 * Deletes ended orders with their histories and metadata, unless an entry of the history has no position
 * yet: no reader could notice that it was deleted. Call it in a transaction.
 * @param before an instant: orders that were changed since then are kept
 * @param isDeletable another condition on an order, in SQL
 * @returns how many were deleted
 */
export async function deleteEndedOrders(
  manager: EntityManager,
  ids: readonly number[],
  before: string,
  isDeletable: string,
): Promise<number> {
  const { dataSource } = manager;
  const [areThese, parameters] = anyOf(dataSource, 'id', ids);
  const [areEnded, statuses] = anyOf(dataSource, 'status', ENDED_STATUSES);
  const locked = await namedQuery<{ id: number }>(
    manager,
    `SELECT id FROM orders WHERE ${areThese} AND ${areEnded} AND updated_at < :before
     ${isPostgres(dataSource) ? 'FOR UPDATE' : ''}`,
    { ...parameters, ...statuses, before },
  );
  const [areLocked, lockedIds] = anyOf(
    dataSource,
    'id',
    locked.map(({ id }) => id),
  );
  // A statement of its own: the locks keep others from adding references, and it sees those from before.
  const deletable = await namedQuery<{ id: number }>(
    manager,
    // COALESCE: the index of entries without a position would be read for each order.
    `SELECT id FROM orders WHERE ${areLocked} AND ${isDeletable} AND NOT EXISTS (
       SELECT 1 FROM order_history WHERE order_id = orders.id AND COALESCE(position, 0) = 0)`,
    lockedIds,
  );
  const found = deletable.map(({ id }) => id);
  await recordDeletedEvents(manager, found);
  await subtractOrders(manager, found);
  for (const [target, column] of [
    ['order_history', 'order_id'],
    ['order_metadata', 'order_id'],
    ['orders', 'id'],
  ] as const) {
    const [areFound, values] = anyOf(dataSource, column, found);
    await namedQuery(manager, `DELETE FROM ${target} WHERE ${areFound}`, values);
  }
  return found.length;
}

/** By this, readers of the log notice that they have missed events. */
async function recordDeletedEvents(manager: EntityManager, ids: readonly number[]): Promise<void> {
  const { dataSource } = manager;
  const [areThese, parameters] = anyOf(dataSource, 'order_id', ids);
  const later = largerOf(dataSource, 'deleted_events.position', 'excluded.position');
  await namedQuery(
    manager,
    `INSERT INTO deleted_events (user_id, position)
     SELECT user_id, MAX(position) FROM order_history WHERE ${areThese} GROUP BY user_id
     ON CONFLICT (user_id) DO UPDATE SET position = ${later}`,
    parameters,
  );
}

/** Reserves ids of new rows. Call it in a transaction, which on SQLite keeps them until its end. */
export async function reserveIds(
  manager: EntityManager,
  table: 'orders' | 'users',
  count: number,
): Promise<number[]> {
  if (isPostgres(manager.dataSource)) {
    const rows = await namedQuery<{ id: number }>(
      manager,
      `SELECT nextval(pg_get_serial_sequence('${table}', 'id')) AS id FROM generate_series(1, :count)`,
      { count },
    );
    return rows.map(({ id }) => id);
  }
  const sql = 'SELECT seq FROM sqlite_sequence WHERE name = :table';
  const [last] = await namedQuery<{ seq: number }>(manager, sql, { table });
  return Array.from({ length: count }, (_, index) => (last?.seq ?? 0) + index + 1);
}

async function insert<Row extends object>(
  manager: EntityManager,
  table: string,
  columns: Parameters<typeof valueRows<Row>>[1],
  rows: readonly Row[],
): Promise<void> {
  const names = Object.keys(columns);
  const { sql, parameters } = valueRows(manager.dataSource, columns, rows);
  const values = names.map((name) => toColumn(manager.dataSource, name));
  await namedQuery(
    manager,
    `INSERT INTO ${table} (${names.join(', ')}) SELECT ${values.join(', ')} FROM (${sql}) AS new_rows`,
    parameters,
  );
}

/** PostgreSQL does not convert strings to instants by itself. */
function toColumn(dataSource: DataSource, name: string): string {
  return isPostgres(dataSource) && name.endsWith('_at') ? `${name}::timestamptz` : name;
}
