import type { EntityManager } from 'typeorm';
import { anyOf } from '../../database/any-of';
import { hydrate, propertiesOf } from '../../database/hydrate';
import { namedQuery } from '../../database/named-query';
import { BEFORE_ALL, readPages } from '../../database/read-pages';
import { OrderHistoryEntry } from '../../orders/order-history-entry.entity';
import { metadataColumn } from '../../orders/order-metadata-rows';
import {
  type ListedOrder,
  SHOWN_PROPERTIES,
  toHistoryResponse,
  toOrderResponse,
} from '../../orders/order.dto';
import { Order } from '../../orders/order.entity';
import { ENDED_STATUSES } from '../../orders/order-status';

/** What a line of the export needs of an order. */
const EXPORTED_PROPERTIES = [...SHOWN_PROPERTIES, 'requestId'] as const satisfies (keyof Order)[];

type ExportedOrder = ListedOrder & Pick<Order, 'requestId'>;

/**
 * Reads ended orders in pages, each status oldest first.
 * @param before an instant: they were not changed since then
 * @param condition another one, in SQL
 */
export async function* endedOrders(
  manager: EntityManager,
  before: string,
  condition: string,
  pageSize: number,
): AsyncGenerator<readonly ExportedOrder[]> {
  const properties = propertiesOf(manager, Order, EXPORTED_PROPERTIES);
  const sql = `SELECT ${properties}, ${metadataColumn(manager.dataSource)} FROM orders
    WHERE status = :status AND (created_at, id) > (:createdAt, :id)
      AND created_at < :before AND updated_at < :before AND ${condition}
    ORDER BY created_at, id LIMIT :limit`;
  for (const status of ENDED_STATUSES) {
    yield* readPages(pageSize, ({ createdAt, id } = BEFORE_ALL) =>
      namedQuery(manager, sql, { status, createdAt, id, before, limit: pageSize }),
    );
  }
}

/** One line of JSON for each order: the response of the API, with its history. */
export async function exportLines(
  manager: EntityManager,
  orders: readonly ExportedOrder[],
): Promise<string> {
  const ids = orders.map(({ id }) => id);
  const [areThese, parameters] = anyOf(manager.dataSource, 'order_id', ids);
  const rows = await namedQuery<Record<string, unknown>>(
    manager,
    `SELECT * FROM order_history WHERE ${areThese} ORDER BY order_id, sequence`,
    parameters,
  );
  const histories = new Map(ids.map((id) => [id, [] as OrderHistoryEntry[]]));
  for (const entry of hydrate<OrderHistoryEntry>(manager, OrderHistoryEntry, rows)) {
    histories.get(entry.orderId)?.push(entry);
  }
  const lines = orders.map((order) => {
    const history = toHistoryResponse(order, histories.get(order.id) ?? []);
    const exported = Object.assign(toOrderResponse(order), { history });
    return `${JSON.stringify(exported)}\n`;
  });
  return lines.join('');
}
