import type { DataSource } from 'typeorm';
import type { TestApp } from './test-app';
import { AbandonedOrders } from '../../src/jobs/abandoned-orders';
import { OrderLease } from '../../src/jobs/order-lease.entity';
import { Order } from '../../src/orders/order.entity';

const LONG_AGO = new Date('2020-01-01T00:00:00Z');

/** Expires the leases of all claimed orders. */
export async function expireLeases({ dataSource }: TestApp): Promise<void> {
  await dataSource.getRepository(OrderLease).updateAll({ expiresAt: LONG_AGO });
}

/** Expires the leases of all claimed orders, and takes the orders back. */
export async function reclaimAll(app: TestApp): Promise<void> {
  await expireLeases(app);
  await app.nest.get(AbandonedOrders).reclaim();
}

/** Ends the delay of all postponed orders. */
export async function makePostponedOrdersDue({ dataSource }: TestApp): Promise<void> {
  const orders = dataSource.getRepository(Order);
  await orders.update({ status: 'pending' }, { nextAttemptAt: LONG_AGO });
}

/**
 * Ends the waits for retries of webhooks, and the pauses of the webhooks.
 * @param condition SQL of the deliveries
 */
export async function makeWebhooksDue(database: DataSource, condition = 'TRUE'): Promise<void> {
  await database.query(
    `UPDATE webhook_deliveries SET next_attempt_at = '${LONG_AGO.toISOString()}'
     WHERE next_attempt_at IS NOT NULL AND ${condition}`,
  );
  await database.query('UPDATE webhook_endpoints SET not_before = NULL');
}
