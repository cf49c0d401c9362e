import type { DataSource } from 'typeorm';
import type { FoundRows, KeysetPosition } from '../database/keyset-position';
import { namedQuery } from '../database/named-query';
import { ADMIN_PROPERTIES, type AdminOrder, withLeases } from './admin-order.dto';
import { LISTED, NEWEST_FIRST, type Selected, orderListStatement } from './order-list-statement';
import {
  LOOKUP_COLUMNS,
  type LookedUpRow,
  type OrderFilter,
  orderLookupStatement,
} from './order-lookup-statement';
import type { WithMetadata } from './order-metadata-rows';
import type { ListedOrder } from './order.dto';

/** How many characters of metadata one page has, so that a page has no 10 MB. One order has 100,000. */
const MAX_METADATA_LENGTH = 1_000_000;

type KeysetRow = KeysetPosition & WithMetadata;

/** Reads the next orders of a list; fewer than `count` when there are no more, or `endedAt` says so. */
export type FindOrders<Row> = (
  dataSource: DataSource,
  filter: OrderFilter,
  before: KeysetPosition | undefined,
  count: number,
) => Promise<FoundRows<Row>>;

/** Finds orders as their owner sees them. */
export const findOrders = finderOf<ListedOrder>(LISTED, (sql) => sql);

/** Finds orders as admins see them. */
export const findAdminOrders = finderOf<AdminOrder>(
  { properties: ADMIN_PROPERTIES, withMetadata: true },
  (sql, more) => `${withLeases(sql, more)} ${NEWEST_FIRST}`,
);

/** @param complete SQL that adds columns to what a statement selects, and keeps some more */
function finderOf<Row extends KeysetRow>(
  selected: Selected,
  complete: (sql: string, more?: readonly string[]) => string,
): FindOrders<Row> {
  return async (dataSource, filter, before, count) => {
    const { manager } = dataSource;
    if (filter.reference === undefined && filter.metadata === undefined) {
      const statement = orderListStatement(dataSource, filter, before, count, selected);
      const sql = complete(statement.sql);
      return limitMetadata({ rows: await namedQuery<Row>(manager, sql, statement.parameters) });
    }
    const { properties } = selected;
    const lookup = orderLookupStatement(dataSource, filter, before, count, properties);
    const sql = complete(lookup.sql, LOOKUP_COLUMNS);
    const rows = await namedQuery<LookedUpRow<Row>>(manager, sql, lookup.parameters);
    const end = rows.find(({ place }) => place === lookup.lastPlace);
    return limitMetadata({
      rows: rows.filter((row) => row.id !== null),
      endedAt: end && { createdAt: end.placedAt, id: end.entryId },
    });
  };
}

/** Ends a page before the order whose metadata would be too much. */
function limitMetadata<Row extends KeysetRow>(found: FoundRows<Row>): FoundRows<Row> {
  let length = 0;
  const end = found.rows.findIndex(({ metadataJson }) => {
    length += metadataJson?.length ?? 0;
    return length > MAX_METADATA_LENGTH;
  });
  const rows = found.rows.slice(0, end);
  return end > 0 ? { rows, endedAt: rows.at(-1) } : found;
}
