import type { DataSource } from 'typeorm';
import type { KeysetPosition } from '../api/cursor-codec';
import { columnsOf, propertiesOf } from '../database/hydrate';
import { isPostgres } from '../database/is-postgres';
import { ORDER_STATUSES, type OrderStatus } from './order-status';
import { SHOWN_PROPERTIES } from './order.dto';
import { Order } from './order.entity';

/** Restricts a list. Absent properties do not restrict it. */
export interface OrderFilter {
  readonly userId?: number | undefined;
  readonly statuses?: readonly OrderStatus[] | undefined;
  readonly createdFrom?: Date | undefined;
  /** Exclusive. */
  readonly createdTo?: Date | undefined;
}

/**
 * SQL, with named parameters, that selects the next orders of a list as `ListedOrder`: newest first, and
 * by descending id within one instant.
 *
 * It is a union of index ranges, one per status, each of which is already sorted. Both databases
 * merge them without sorting (PostgreSQL by Merge Append, SQLite by MERGE), and stop when the page is
 * full. The cost of a page depends neither on the number of orders nor on how rarely a filter matches.
 */
export function orderListStatement(
  dataSource: DataSource,
  { userId, statuses, createdFrom, createdTo }: OrderFilter,
  before: KeysetPosition | undefined,
  count: number,
): { sql: string; parameters: Record<string, unknown> } {
  const { manager } = dataSource;
  const columns = columnsOf(manager, Order, SHOWN_PROPERTIES);
  const properties = propertiesOf(manager, Order, SHOWN_PROPERTIES);
  const dialect = isPostgres(dataSource) ? POSTGRES : SQLITE;
  // No index covers the orders of all users without their status.
  const branches = statuses ?? (userId === undefined ? ORDER_STATUSES : [undefined]);
  const from = createdFrom ? ['created_at >= :createdFrom'] : [];
  const to = createdTo ? ['created_at < :createdTo'] : [];
  // The position is before `createdTo`, and replaces it as the upper bound.
  const ranges = before ? dialect.rangesBefore(from) : [[...from, ...to]];
  const selects = branches.flatMap((status, index) =>
    ranges.map((range) => {
      const owner = userId === undefined ? [] : ['user_id = :userId'];
      const branch = status === undefined ? [] : [`status = :status${index}`];
      const conditions = [...owner, ...branch, ...range].join(' AND ');
      return `SELECT ${properties} FROM ${dialect.ordered(columns, `orders WHERE ${conditions}`)}`;
    }),
  );
  return {
    sql: `${selects.join(' UNION ALL ')} ORDER BY "createdAt" DESC, id DESC LIMIT :count`,
    parameters: {
      count,
      userId,
      createdFrom,
      createdTo,
      createdAt: before?.createdAt,
      id: before?.id,
      ...Object.fromEntries(branches.map((status, index) => [`status${index}`, status])),
    },
  };
}

/** How to make each database read the page and nothing else. */
interface Dialect {
  /** Conditions for the orders after a position. `from` is the lower bound. */
  rangesBefore(from: readonly string[]): string[][];
  /** The orders of a branch of the union, sorted. */
  ordered(columns: string, orders: string): string;
}

const POSTGRES: Dialect = {
  rangesBefore: (from) => [[...from, '(created_at, id) < (:createdAt, :id)']],
  // Without a LIMIT the planner would flatten the branches and sort their rows together.
  ordered: (columns, orders) =>
    `(SELECT ${columns} FROM ${orders} ORDER BY created_at DESC, id DESC LIMIT :count) AS branch`,
};

const SQLITE: Dialect = {
  // A comparison of rows bounds only `created_at`, and would read orders of one instant again.
  rangesBefore: (from) => [
    ['created_at = :createdAt', 'id < :id'],
    [...from, 'created_at < :createdAt'],
  ],
  ordered: (_columns, orders) => orders,
};
