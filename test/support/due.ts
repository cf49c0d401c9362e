import type { TestApp } from './test-app';
import { Order } from '../../src/orders/order.entity';

const LONG_AGO = new Date('2020-01-01T00:00:00Z');

/** Lets all leases run out. */
export async function expireLeases({ dataSource }: TestApp): Promise<void> {
  const orders = dataSource.getRepository(Order);
  await orders.update({ status: 'processing' }, { leaseExpiresAt: LONG_AGO });
}

/** Lets all postponed orders be due. */
export async function skipRetryDelays({ dataSource }: TestApp): Promise<void> {
  const orders = dataSource.getRepository(Order);
  await orders.update({ status: 'pending' }, { nextAttemptAt: LONG_AGO });
}
