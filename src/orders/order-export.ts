import { Injectable } from '@nestjs/common';
import { Download } from '../api/download';
import { toAdminOrderResponse } from './admin-order.dto';
import { ADMIN_ORDER_CSV, ORDER_CSV } from './order-csv';
import { OrderList } from './order-list';
import type { AdminOrderExportQuery, OrderExportQuery } from './order-list.dto';
import { toOrderResponse } from './order.dto';

/** Exports lists of orders as CSV. */
@Injectable()
export class OrderExport {
  constructor(private readonly orderList: OrderList) {}

  /** The orders of one user. */
  own(userId: number, query: OrderExportQuery): Download {
    const pages = this.orderList.exportOwn(userId, query);
    return toCsv(pages, ORDER_CSV.header, (order) => ORDER_CSV.record(toOrderResponse(order)));
  }

  /** The orders of all users, for an admin. */
  all(query: AdminOrderExportQuery): Download {
    const pages = this.orderList.exportAll(query);
    return toCsv(pages, ADMIN_ORDER_CSV.header, (order) =>
      ADMIN_ORDER_CSV.record(toAdminOrderResponse(order)),
    );
  }
}

function toCsv<Listed>(
  pages: AsyncIterable<readonly Listed[]>,
  header: string,
  toRecord: (order: Listed) => string,
): Download {
  const chunks = csvOf(pages, header, toRecord);
  return new Download('text/csv; charset=utf-8; header=present', 'orders.csv', chunks);
}

/**
 * A chunk for each page, which is empty for a page without orders. The header comes with the first one, which
 * shows that the database responds.
 */
async function* csvOf<Listed>(
  pages: AsyncIterable<readonly Listed[]>,
  header: string,
  toRecord: (order: Listed) => string,
): AsyncGenerator<string> {
  let start = header;
  for await (const page of pages) {
    yield start + page.map(toRecord).join('');
    start = '';
  }
  if (start !== '') yield start;
}
