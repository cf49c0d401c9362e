import type { OrderStatus } from '../orders/order-status';
import type { OrderMinute } from '../orders/order-minute.entity';
import type { LoggedSteps, Steps } from './logged-steps';

/** How many orders were completed, and failed, in a minute, which is a string in ISO 8601. */
export type MinuteTotal = Omit<OrderMinute, 'minute'> & { readonly minute: string };

/** By how much steps change the number of orders with each status. */
export function countsByStatus(steps: Iterable<Steps>): Map<OrderStatus, number> {
  const counts = new Map<OrderStatus, number>();
  const add = (status: OrderStatus, orders: number) =>
    counts.set(status, (counts.get(status) ?? 0) + orders);
  for (const { from, to, entries } of steps) {
    if (from !== null) add(from, -entries);
    add(to, entries);
  }
  return counts;
}

/** How many orders the steps have completed, and how many have failed by them, in each minute. */
export function totalsByMinute(steps: Iterable<LoggedSteps>): Map<string, MinuteTotal> {
  const totals = new Map<string, MinuteTotal>();
  for (const { to, minute, entries } of steps) {
    if (minute === null) continue;
    const { completed, failed } = totals.get(minute) ?? { completed: 0, failed: 0 };
    totals.set(minute, {
      minute,
      completed: completed + (to === 'completed' ? entries : 0),
      failed: failed + (to === 'failed' ? entries : 0),
    });
  }
  return totals;
}
