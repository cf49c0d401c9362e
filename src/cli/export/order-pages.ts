import type { EntityManager } from 'typeorm';
import { propertiesOf } from '../../database/hydrate';
import { namedQuery } from '../../database/named-query';
import { BEFORE_ALL, readPages } from '../../database/read-pages';
import { LISTED } from '../../orders/order-list-statement';
import type { ListedOrder } from '../../orders/order.dto';
import { Order } from '../../orders/order.entity';
import {
  type FoundOrder,
  MAX_EXPORTED_METADATA,
  readPageMetadata,
} from '../../orders/page-metadata';

/** Of orders with little metadata. */
const PAGE_SIZE = 500;

/**
 * Reads orders in pages, oldest first: each page is as of the moment at which it is read.
 * @param userId undefined: of all users
 */
export function orderPages(
  manager: EntityManager,
  userId: number | undefined,
): AsyncGenerator<readonly ListedOrder[]> {
  // Each is the order of an index.
  const [condition, order] =
    userId === undefined
      ? ['id > :id', 'id']
      : ['user_id = :userId AND (created_at, id) > (:createdAt, :id)', 'created_at, id'];
  const properties = propertiesOf(manager, Order, LISTED);
  const sql = `SELECT ${properties} FROM orders
    WHERE ${condition} ORDER BY ${order} LIMIT :limit`;
  return readPages(PAGE_SIZE, async ({ createdAt, id } = BEFORE_ALL) => {
    const position = userId === undefined ? { id } : { createdAt, id, userId };
    const parameters = { ...position, limit: PAGE_SIZE };
    const rows = await namedQuery<FoundOrder<ListedOrder>>(manager, sql, parameters);
    return readPageMetadata(manager, { rows }, MAX_EXPORTED_METADATA);
  });
}
