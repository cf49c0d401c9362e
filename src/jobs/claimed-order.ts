import type { DataSource, UpdateQueryBuilder } from 'typeorm';
import { isPostgres } from '../database/is-postgres';
import { valueRows } from '../database/value-rows';
import type { Order } from '../orders/order.entity';

/** An order that this instance holds under a lease. */
export type ClaimedOrder = Order & {
  /** Identifies the claim. Only its holder can begin the attempt, renew the lease and end the claim. */
  readonly leaseToken: string;
  /**
   * When the lease ends, in milliseconds of `performance.now()`. It is measured from before the
   * statement was sent, so the lease in the database ends later.
   */
  leaseEndsAt: number;
};

/** What a statement may write to each of several claimed orders. */
export interface ClaimedOrderValues {
  readonly reason?: string | null;
  readonly delaySeconds?: number | null;
}

/**
 * Restricts an update to claimed orders, as far as their claims are not lost. On PostgreSQL it skips
 * those that another transaction has locked: waiting for them would hold up the others.
 * @param values are the columns `reason` and `delay_seconds` of the table expression `held`
 */
export function restrictToHeld<Builder extends UpdateQueryBuilder<Order>>(
  update: Builder,
  dataSource: DataSource,
  orders: readonly ClaimedOrder[],
  values?: (order: ClaimedOrder) => ClaimedOrderValues,
): Builder {
  const rows = orders.map((order) => ({
    id: order.id,
    lease_token: order.leaseToken,
    reason: values?.(order).reason ?? null,
    delay_seconds: values?.(order).delaySeconds ?? null,
  }));
  const claimed = valueRows(
    dataSource,
    { id: 'bigint', lease_token: 'text', reason: 'text', delay_seconds: 'integer' },
    rows,
  );
  const lock = isPostgres(dataSource) ? 'FOR UPDATE OF orders SKIP LOCKED' : '';
  const held = `SELECT claimed.id, claimed.reason, claimed.delay_seconds
    FROM (${claimed.sql}) AS claimed CROSS JOIN orders
    WHERE orders.id = claimed.id AND orders.lease_token = claimed.lease_token ${lock}`;
  return update
    .addCommonTableExpression(held, 'held', { materialized: true })
    .andWhere('id IN (SELECT id FROM held)')
    .setParameters(claimed.parameters) as Builder;
}

/** SQL for a column of `held` in an update that is restricted to it. */
export function valueOfHeld(column: 'reason' | 'delay_seconds'): string {
  return `(SELECT ${column} FROM held WHERE held.id = orders.id)`;
}
