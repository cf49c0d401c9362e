import type { EntityManager } from 'typeorm';
import { anyOf } from '../../database/any-of';
import { hydrate, propertiesOf } from '../../database/hydrate';
import type { FoundRows, KeysetPosition } from '../../database/keyset-position';
import { namedQuery } from '../../database/named-query';
import { BEFORE_ALL, readPages } from '../../database/read-pages';
import { OrderHistoryEntry } from '../../orders/order-history-entry.entity';
import { LISTED, POSITIONS } from '../../orders/order-list-statement';
import { type ListedOrder, toHistoryResponse, toOrderResponse } from '../../orders/order.dto';
import { Order } from '../../orders/order.entity';
import { ENDED_STATUSES } from '../../orders/order-status';
import { type FoundOrder, MAX_LISTED_METADATA, readPageMetadata } from '../../orders/page-metadata';

/** Orders of one transaction of `retention`, if they have little metadata. */
const PAGE_SIZE = 500;

const COUNTED_PAGE_SIZE = 5_000;

/** What a line of the export needs of an order. */
const EXPORTED_PROPERTIES = [...LISTED, 'requestId'] as const satisfies (keyof Order)[];

type ExportedOrder = ListedOrder & Pick<Order, 'requestId'>;

/** Which orders, and when they ended. */
interface Ended {
  /** An instant: they were not changed since then. */
  readonly before: string;
  /** Another condition, in SQL. */
  readonly condition: string;
}

/** Reads ended orders in pages, each status oldest first. */
export function endedOrders(
  manager: EntityManager,
  ended: Ended,
): AsyncGenerator<readonly ExportedOrder[]> {
  const properties = propertiesOf(manager, Order, EXPORTED_PROPERTIES);
  const sql = selectEnded(properties, ended.condition);
  return ofEachStatus(ended, PAGE_SIZE, async (parameters) => {
    const rows = await namedQuery<FoundOrder<ExportedOrder>>(manager, sql, parameters);
    // As much as a list: each page is one transaction and one synced write.
    return readPageMetadata(manager, { rows }, MAX_LISTED_METADATA);
  });
}

/** Yields how many ended orders there are in each of many pages, which are read as {@link endedOrders}. */
export async function* countEndedOrders(
  manager: EntityManager,
  ended: Ended,
): AsyncGenerator<number> {
  const sql = selectEnded(propertiesOf(manager, Order, POSITIONS), ended.condition);
  const pages = ofEachStatus(ended, COUNTED_PAGE_SIZE, (parameters) =>
    namedQuery<KeysetPosition>(manager, sql, parameters),
  );
  for await (const { length } of pages) yield length;
}

function selectEnded(columns: string, condition: string): string {
  return `SELECT ${columns} FROM orders
    WHERE status = :status AND (created_at, id) > (:createdAt, :id)
      AND created_at < :before AND updated_at < :before AND ${condition}
    ORDER BY created_at, id LIMIT :limit`;
}

async function* ofEachStatus<Row extends KeysetPosition>(
  { before }: Ended,
  limit: number,
  read: (parameters: Record<string, unknown>) => Promise<Row[] | FoundRows<Row>>,
): AsyncGenerator<readonly Row[]> {
  for (const status of ENDED_STATUSES) {
    yield* readPages(limit, ({ createdAt, id } = BEFORE_ALL) =>
      read({ status, createdAt, id, before, limit }),
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
