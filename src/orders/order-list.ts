import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { KeysetPosition } from '../api/cursor-codec';
import { type KeysetPage, KeysetPages } from '../api/keyset-pages';
import type { PageQuery } from '../api/page.dto';
import { namedQuery } from '../database/named-query';
import { type OrderFilter, orderListStatement } from './order-list-statement';
import type { AdminOrderListQuery, OrderListQuery } from './order-list.dto';
import { ORDER_STATUSES } from './order-status';
import type { ListedOrder } from './order.dto';

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
    return this.page(`orders of ${userId}`, { ...filterOf(query), userId }, query);
  }

  /**
   * The orders of all users, for an admin.
   * @throws InvalidCursorError
   */
  all(adminId: number, query: AdminOrderListQuery): Promise<KeysetPage<ListedOrder>> {
    const filter = { ...filterOf(query), userId: query.user_id };
    return this.page(`orders for admin ${adminId}`, filter, query);
  }

  private page(
    list: string,
    filter: OrderFilter,
    query: PageQuery,
  ): Promise<KeysetPage<ListedOrder>> {
    return this.pages.page(`${list} ${JSON.stringify(filter)}`, query, (before, count) =>
      this.find(filter, before, count),
    );
  }

  private find(
    filter: OrderFilter,
    before: KeysetPosition | undefined,
    count: number,
  ): Promise<ListedOrder[]> {
    const { sql, parameters } = orderListStatement(this.dataSource, filter, before, count);
    return namedQuery(this.dataSource.manager, sql, parameters);
  }
}

/** Normalizes the order of the statuses, because the filter is part of the cursor's signature. */
function filterOf({ status, created_from, created_to }: OrderListQuery): OrderFilter {
  return {
    statuses: status && ORDER_STATUSES.filter((known) => status.includes(known)),
    createdFrom: created_from,
    createdTo: created_to,
  };
}
