import type { DataSource } from 'typeorm';
import type { OrderStatus } from '../../src/orders/order-status';
import { Order } from '../../src/orders/order.entity';

export interface InsertedOrder {
  readonly userId: number;
  readonly status?: OrderStatus;
  readonly createdAt: Date;
}

/** The variables of one statement have a limit on either database. */
const ROWS_PER_STATEMENT = 500;

/**
 * Inserts orders that were placed at chosen moments, without a history.
 * @returns their ids, in the order given
 */
export async function insertOrders(
  { manager }: DataSource,
  orders: readonly InsertedOrder[],
): Promise<number[]> {
  const ids: number[] = [];
  await manager.transaction(async (transaction) => {
    for (let start = 0; start < orders.length; start += ROWS_PER_STATEMENT) {
      const rows = orders.slice(start, start + ROWS_PER_STATEMENT);
      const { identifiers } = await transaction.insert(
        Order,
        rows.map(({ userId, status = 'completed', createdAt }) => ({
          userId,
          productName: 'Laptop',
          amountMinor: 99_999,
          status,
          version: 1,
          attempts: 0,
          nextAttemptAt: status === 'pending' ? createdAt : null,
          createdAt,
          updatedAt: createdAt,
        })),
      );
      ids.push(...identifiers.map(({ id }) => id as number));
    }
  });
  return ids;
}
