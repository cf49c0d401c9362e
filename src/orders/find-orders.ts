import type { DataSource } from 'typeorm';
import type { FoundRows, KeysetPosition } from '../database/keyset-position';
import { namedQuery } from '../database/named-query';
import { ADMIN_PROPERTIES, type AdminOrder, withLeases } from './admin-order.dto';
import { LISTED, NEWEST_FIRST, orderListStatement } from './order-list-statement';
import {
  LOOKUP_COLUMNS,
  type LookedUpRow,
  type OrderFilter,
  orderLookupStatement,
} from './order-lookup-statement';
import type { WithMetadata } from './order-metadata-rows';
import type { Order } from './order.entity';
import type { ListedOrder } from './order.dto';
import {
  type FoundOrder,
  MAX_LISTED_METADATA,
  type PageRow,
  readPageMetadata,
} from './page-metadata';

/**
 * Reads the next orders of a list; fewer than `count` when there are no more, or `endedAt` says so.
 * @param maxMetadata how many characters of metadata are read; by default as many as a list returns
 */
export type FindOrders<Row> = (
  dataSource: DataSource,
  filter: OrderFilter,
  before: KeysetPosition | undefined,
  count: number,
  maxMetadata?: number,
) => Promise<FoundRows<Row>>;

/** Finds orders as their owner sees them. */
export const findOrders: FindOrders<ListedOrder> = finderOf<FoundOrder<ListedOrder>>(
  LISTED,
  (sql) => sql,
);

/** Finds orders as admins see them. */
export const findAdminOrders: FindOrders<AdminOrder> = finderOf<FoundOrder<AdminOrder>>(
  ADMIN_PROPERTIES,
  (sql, more) => `${withLeases(sql, more)} ${NEWEST_FIRST}`,
);

/** @param complete SQL that adds columns to what a statement selects, and keeps some more */
function finderOf<Row extends PageRow>(
  properties: readonly (keyof Order)[],
  complete: (sql: string, more: readonly string[]) => string,
): FindOrders<Row & WithMetadata> {
  return async (dataSource, filter, before, count, maxMetadata = MAX_LISTED_METADATA) => {
    const { manager } = dataSource;
    if (filter.reference === undefined && filter.metadata === undefined) {
      const statement = orderListStatement(dataSource, filter, before, count, properties);
      const sql = complete(statement.sql, []);
      const rows = await namedQuery<Row>(manager, sql, statement.parameters);
      return readPageMetadata(manager, { rows }, maxMetadata);
    }
    const lookup = orderLookupStatement(dataSource, filter, before, count, properties);
    const sql = complete(lookup.sql, LOOKUP_COLUMNS);
    const rows = await namedQuery<LookedUpRow<Row>>(manager, sql, lookup.parameters);
    const end = rows.find(({ place }) => place === lookup.lastPlace);
    const found = {
      rows: rows.filter((row) => row.id !== null),
      endedAt: end && { createdAt: end.placedAt, id: end.entryId },
    };
    return readPageMetadata(manager, found, maxMetadata);
  };
}
