import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { type KeysetPage, KeysetPages } from '../api/keyset-pages';
import type { PageQuery } from '../api/page.dto';
import type { KeysetPosition } from '../database/keyset-position';
import { namedQuery } from '../database/named-query';
import { readPages } from '../database/read-pages';
import type { AdminOrder } from './admin-order.dto';
import { type FindOrders, findAdminOrders, findOrders } from './find-orders';
import { type ListFilter, POSITIONS, orderListStatement } from './order-list-statement';
import type {
  AdminOrderExportQuery,
  AdminOrderListQuery,
  OrderExportQuery,
  OrderListQuery,
} from './order-list.dto';
import type { OrderFilter } from './order-lookup-statement';
import { ORDER_STATUSES } from './order-status';
import type { ListedOrder } from './order.dto';
import { MAX_EXPORTED_METADATA } from './page-metadata';

type Statement = ReturnType<typeof orderListStatement>;

/**
 * How many orders an export reads at once. On SQLite other requests wait that long: 1 ms, or 3 to 5 ms when its
 * page has as much metadata as one may have.
 */
const EXPORT_PAGE_SIZE = 200;

/** Lists orders page by page. A cursor is valid only for the list that returned it. */
@Injectable()
export class OrderList {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly pages: KeysetPages,
  ) {}

  /**
   * The orders of one user.
   * @throws InvalidCursorError
   */
  own(userId: number, query: OrderListQuery): Promise<KeysetPage<ListedOrder>> {
    const filter = { ...filterOf(query), userId };
    return this.page(`orders of ${userId}`, filter, query, findOrders);
  }

  /**
   * The orders of all users, for an admin.
   * @throws InvalidCursorError
   */
  all(adminId: number, query: AdminOrderListQuery): Promise<KeysetPage<AdminOrder>> {
    return this.page(`orders for admin ${adminId}`, adminFilterOf(query), query, findAdminOrders);
  }

  /** All orders of one user, for an export: in pages, each as of the moment at which it is read. */
  exportOwn(userId: number, query: OrderExportQuery): AsyncGenerator<readonly ListedOrder[]> {
    return this.pagesOf({ ...filterOf(query), userId }, findOrders);
  }

  /** All orders of all users, for the export of an admin. */
  exportAll(query: AdminOrderExportQuery): AsyncGenerator<readonly AdminOrder[]> {
    return this.pagesOf(adminFilterOf(query), findAdminOrders);
  }

  /** The ids of the newest orders of all users that a filter selects. */
  async newestIds(filter: ListFilter, count: number): Promise<number[]> {
    const orders = await this.query<KeysetPosition>(this.positions(filter, count));
    return orders.map(({ id }) => id);
  }

  /** How many orders of all users a filter selects, counted up to a maximum. */
  async count(filter: ListFilter, max: number): Promise<number> {
    const { sql, parameters } = this.positions(filter, max);
    const counted = `SELECT COUNT(*) AS orders FROM (${sql}) AS selected`;
    const [row] = await this.query<{ orders: number }>({ sql: counted, parameters });
    return row?.orders ?? 0;
  }

  private positions(filter: ListFilter, count: number): Statement {
    return orderListStatement(this.dataSource, filter, undefined, count, POSITIONS);
  }

  private page<Listed extends KeysetPosition>(
    list: string,
    filter: OrderFilter,
    query: PageQuery,
    find: FindOrders<Listed>,
  ): Promise<KeysetPage<Listed>> {
    return this.pages.page(`${list} ${JSON.stringify(filter)}`, query, (before, count) =>
      find(this.dataSource, filter, before, count),
    );
  }

  private pagesOf<Listed extends ListedOrder>(
    filter: OrderFilter,
    find: FindOrders<Listed>,
  ): AsyncGenerator<readonly Listed[]> {
    return readPages(EXPORT_PAGE_SIZE, (before) =>
      find(this.dataSource, filter, before, EXPORT_PAGE_SIZE, MAX_EXPORTED_METADATA),
    );
  }

  private query<Row>({ sql, parameters }: Statement): Promise<Row[]> {
    return namedQuery(this.dataSource.manager, sql, parameters);
  }
}

/** Normalizes the order of the statuses, because the filter is part of the cursor's signature. */
export function filterOf(conditions: OrderExportQuery): OrderFilter {
  const { status, created_from, created_to, reference, metadata = {} } = conditions;
  const [entry] = Object.entries(metadata);
  return {
    statuses: status && ORDER_STATUSES.filter((known) => status.includes(known)),
    createdFrom: created_from,
    createdTo: created_to,
    reference,
    metadata: entry && { key: entry[0], value: entry[1] },
  };
}

function adminFilterOf(query: AdminOrderExportQuery): OrderFilter {
  return { ...filterOf(query), userId: query.user_id };
}
