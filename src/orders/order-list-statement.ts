import type { DataSource } from 'typeorm';
import { keysetRanges } from '../api/keyset-ranges';
import { columnsOf, propertiesOf } from '../database/hydrate';
import { isPostgres } from '../database/is-postgres';
import type { KeysetPosition } from '../database/keyset-position';
import { ORDER_STATUSES, type OrderStatus } from './order-status';
import { SHOWN_PROPERTIES } from './order.dto';
import { Order } from './order.entity';

/** Restricts a list. Absent properties do not restrict it. */
export interface ListFilter {
  readonly userId?: number | undefined;
  readonly statuses?: readonly OrderStatus[] | undefined;
  readonly createdFrom?: Date | undefined;
  /** Exclusive. */
  readonly createdTo?: Date | undefined;
}

/** The order of a list, as SQL on what it selects. */
export const NEWEST_FIRST = 'ORDER BY "createdAt" DESC, id DESC';

/** Properties that a statement selects. A constant, because their columns are remembered. */
type Selected = readonly (keyof Order)[];

/** Those of `ListedOrder`, and whether it has metadata, which `readPageMetadata` reads. */
export const LISTED = [...SHOWN_PROPERTIES, 'metadataVersion'] as const satisfies Selected;

/** Those of {@link KeysetPosition}, which finds or counts orders. */
export const POSITIONS: Selected = ['id', 'createdAt'];

/**
 * SQL, with named parameters, that selects the next orders of a list, by default as `ListedOrder`: newest
 * first, and by descending id within one instant.
 *
 * It is a union of index ranges, one per status, each of which is already sorted. Both databases
 * merge them without sorting (PostgreSQL by Merge Append, SQLite by MERGE), and stop when the page is
 * full. The cost of a page depends neither on the number of orders nor on how rarely a filter matches.
 */
export function orderListStatement(
  dataSource: DataSource,
  { userId, statuses, createdFrom, createdTo }: ListFilter,
  before: KeysetPosition | undefined,
  count: number,
  selected: Selected = LISTED,
): { sql: string; parameters: Record<string, unknown> } {
  const { manager } = dataSource;
  const columns = columnsOf(manager, Order, selected);
  const properties = propertiesOf(manager, Order, selected);
  // No index covers the orders of all users without their status.
  const branches = statuses ?? (userId === undefined ? ORDER_STATUSES : [undefined]);
  const ranges = keysetRanges(dataSource, { createdFrom, createdTo, before });
  const selects = branches.flatMap((status, index) =>
    ranges.map((range) => {
      const owner = userId === undefined ? [] : ['user_id = :userId'];
      const branch = status === undefined ? [] : [`status = :status${index}`];
      const conditions = [...owner, ...branch, ...range].join(' AND ');
      return isPostgres(dataSource)
        ? // Without a LIMIT the planner would flatten the branches and sort their rows together.
          `SELECT ${properties} FROM (
             SELECT ${columns} FROM orders WHERE ${conditions}
             ORDER BY created_at DESC, id DESC LIMIT :count
           ) AS branch`
        : `SELECT ${properties} FROM orders WHERE ${conditions}`;
    }),
  );
  return {
    sql: `${selects.join(' UNION ALL ')} ${NEWEST_FIRST} LIMIT :count`,
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
