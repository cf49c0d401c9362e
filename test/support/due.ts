import type { TestApp } from './test-app';
import { Order } from '../../src/orders/order.entity';

const LONG_AGO = new Date('2020-01-01T00:00:00Z');

/** Expires the leases of all claimed orders. */
export async function expireLeases({ dataSource }: TestApp): Promise<void> {
  const orders = dataSource.getRepository(Order);
  await orders.update({ status: 'processing' }, { leaseExpiresAt: LONG_AGO });
}

/** Ends the delay of all postponed orders. */
export async function makePostponedOrdersDue({ dataSource }: TestApp): Promise<void> {
  const orders = dataSource.getRepository(Order);
  await orders.update({ status: 'pending' }, { nextAttemptAt: LONG_AGO });
}
