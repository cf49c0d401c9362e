import type { DataSource } from 'typeorm';
import { keysetRanges } from '../api/keyset-ranges';
import { anyOf } from '../database/any-of';
import { propertiesOf } from '../database/hydrate';
import { isPostgres } from '../database/is-postgres';
import type { KeysetPosition } from '../database/keyset-position';
import { LISTED, type ListFilter } from './order-list-statement';
import { Order } from './order.entity';

/** Also restricts a list to a reference, to one key of the metadata and its value, or to both. */
export interface OrderFilter extends ListFilter {
  readonly reference?: string | undefined;
  readonly metadata?: { readonly key: string; readonly value: string } | undefined;
}

/** How many orders with the reference or the value are read, to find those that the other filters select. */
export const MAX_LOOKED_UP = 1_000;

/** A row of {@link orderLookupStatement}. Without an order, `id` and its other columns are null. */
export type LookedUpRow<Row> = (Row | { readonly id: null }) & {
  readonly entryId: number;
  readonly placedAt: string;
  /** Its number among the orders with the reference or the value, from 1. */
  readonly place: number;
};

/** The columns of {@link LookedUpRow} that are not of the order. */
export const LOOKUP_COLUMNS = ['entryId', 'placedAt', 'place'] as const;

/** SQL with named parameters. */
interface LookupStatement {
  readonly sql: string;
  readonly parameters: Record<string, unknown>;
  /** A row with this `place` is the last one that the statement has read, and others may follow it. */
  readonly lastPlace: number;
}

/**
 * SQL that selects the next orders with a reference, or with a value in their metadata, as
 * {@link LookedUpRow}: newest first, and by descending id within one instant.
 *
 * They are read from an index in the order of the list. Their status is not in that index, because then
 * each transition would have to write it. So with a further filter a bounded number of them is read, and
 * the last one is a row even if the filter does not select it, because the list continues after it.
 */
export function orderLookupStatement(
  dataSource: DataSource,
  filter: OrderFilter,
  before: KeysetPosition | undefined,
  count: number,
  properties: readonly (keyof Order)[] = LISTED,
): LookupStatement {
  const { userId, statuses, createdFrom, createdTo, reference, metadata } = filter;
  const [hasStatus, statusValues] = anyOf(dataSource, 'status', statuses ?? []);
  const others = [
    // Written so that PostgreSQL finds the orders by their ids, and not by an index on the status.
    ...(statuses ? [`(${hasStatus}) IS TRUE`] : []),
    ...(reference !== undefined && metadata ? [HAS_METADATA] : []),
  ];
  const lastPlace = others.length > 0 ? Math.max(count, MAX_LOOKED_UP) : count;
  const entries = selectEntries(dataSource, filter, before);
  const page = others.length > 0 ? selectFound(dataSource, entries, others) : entries;
  return {
    sql: selectOrders(dataSource, page, properties),
    parameters: {
      count,
      lastPlace,
      userId,
      createdFrom,
      createdTo,
      reference,
      key: metadata?.key,
      value: metadata?.value,
      createdAt: before?.createdAt,
      id: before?.id,
      ...statusValues,
    },
    lastPlace,
  };
}

const HAS_METADATA = `EXISTS (SELECT 1 FROM order_metadata
  WHERE order_id = orders.id AND key = :key AND value = :value)`;

const NEWEST_FIRST = 'ORDER BY placed_at DESC, entry_id DESC';

/** The ids of the orders with the reference or the value, from an index alone. */
function selectEntries(
  dataSource: DataSource,
  { userId, createdFrom, createdTo, reference }: OrderFilter,
  before: KeysetPosition | undefined,
): string {
  const [table, id, condition] =
    reference === undefined
      ? ['order_metadata', 'order_id', 'key = :key AND value = :value']
      : ['orders', 'id', 'reference = :reference'];
  const owner = userId === undefined ? [] : ['user_id = :userId'];
  const ranges = keysetRanges(dataSource, { createdFrom, createdTo, before }, id);
  const select = (columns: string) =>
    ranges
      .map((range) => {
        const conditions = [...owner, condition, ...range].join(' AND ');
        return `SELECT ${columns} FROM ${table} WHERE ${conditions}`;
      })
      .join(' UNION ALL ');
  // At most one order: without an order of rows, the unique index is the best one for it.
  if (userId !== undefined && reference !== undefined) {
    const one = select('id AS entry_id, id AS found_id, created_at AS placed_at, 1 AS place');
    // Otherwise PostgreSQL could read all orders with the reference, in the order that the page has.
    return isPostgres(dataSource) ? `${one} OFFSET 0` : one;
  }
  const entries = select(`${id} AS entry_id, created_at AS placed_at`);
  return `SELECT entry_id, entry_id AS found_id, placed_at,
      ROW_NUMBER() OVER (${NEWEST_FIRST}) AS place
    FROM (${entries} ${NEWEST_FIRST} LIMIT :lastPlace) AS entries`;
}

/** Those of the entries that meet further conditions, and the last one. */
function selectFound(dataSource: DataSource, entries: string, conditions: string[]): string {
  return `SELECT entry_id, orders.id AS found_id, placed_at, place
    FROM (${entries}) AS entries ${joinOrder(dataSource, 'id', 'entry_id', conditions)}
    WHERE orders.id IS NOT NULL OR place = :lastPlace ${NEWEST_FIRST} LIMIT :count`;
}

function selectOrders(
  dataSource: DataSource,
  page: string,
  properties: readonly (keyof Order)[],
): string {
  const columns = propertiesOf(dataSource.manager, Order, properties);
  return `SELECT ${columns},
      entry_id AS "entryId", placed_at AS "placedAt", place
    FROM (${page}) AS page ${joinOrder(dataSource, '*', 'found_id')} ${NEWEST_FIRST}`;
}

/** Joins each row with the order that has its id, or with NULL. */
function joinOrder(
  dataSource: DataSource,
  columns: string,
  id: string,
  conditions: readonly string[] = [],
): string {
  const where = [`orders.id = ${id}`, ...conditions].join(' AND ');
  // PostgreSQL could scan the whole table for a join, which OFFSET keeps it from.
  return isPostgres(dataSource)
    ? `LEFT JOIN LATERAL (SELECT ${columns} FROM orders WHERE ${where} OFFSET 0) AS orders ON true`
    : `LEFT JOIN orders ON ${where}`;
}
