import type { DataSource, UpdateQueryBuilder } from 'typeorm';
import { idIsIn } from '../database/id-is-in';
import { isPostgres } from '../database/is-postgres';
import { valueRows } from '../database/value-rows';
import type { Order } from '../orders/order.entity';
import type { TransitionHookError } from '../orders/transition-hook.error';

/** The lease of orders that were claimed together, as this process knows it. */
export interface Lease {
  readonly token: string;
  /**
   * In milliseconds of `performance.now()`. It is measured from before the statement was sent, so the
   * lease in the database ends later.
   */
  endsAt: number;
  /** The ids of the orders whose claim has not ended. */
  readonly unendedOrderIds: Set<number>;
}

/** An order that this process has claimed. */
export type ClaimedOrder = Order & {
  readonly lease: Lease;
  /** The hooks of its claim have failed; it was claimed without them, so that it can be postponed. */
  readonly hookFailure?: TransitionHookError;
};

/** The leases of claimed orders, each once. */
export function leasesOf(orders: readonly ClaimedOrder[]): Lease[] {
  return [...new Set(orders.map(({ lease }) => lease))];
}

/** What a statement may write to each of several claimed orders. */
export interface ClaimedOrderValues {
  readonly reason?: string | null;
  readonly delaySeconds?: number | null;
}

/**
 * Restricts an update to claimed orders, as far as their claims are not lost. On PostgreSQL it skips
 * those that another transaction has locked: waiting for them would hold up the others.
 * The reasons and delays are the columns `reason` and `delay_seconds` of the table expression `held`.
 */
export function restrictToHeld(
  update: UpdateQueryBuilder<Order>,
  dataSource: DataSource,
  orders: readonly (ClaimedOrderValues & { readonly order: ClaimedOrder })[],
): UpdateQueryBuilder<Order> {
  const claimed = valueRows(
    dataSource,
    { id: 'bigint', lease_token: 'text', reason: 'text', delay_seconds: 'integer' },
    orders.map(({ order, reason = null, delaySeconds = null }) => ({
      id: order.id,
      lease_token: order.lease.token,
      reason,
      delay_seconds: delaySeconds,
    })),
  );
  // PostgreSQL looks up each order by its id: it would scan a whole table in a join.
  const held = isPostgres(dataSource)
    ? `SELECT claimed.id, claimed.reason, claimed.delay_seconds
       FROM (${claimed.sql}) AS claimed CROSS JOIN LATERAL (
         SELECT orders.id FROM orders
         WHERE orders.id = claimed.id AND orders.lease_token = claimed.lease_token
         FOR UPDATE SKIP LOCKED
       ) AS locked`
    : `SELECT claimed.id, claimed.reason, claimed.delay_seconds
       FROM (${claimed.sql}) AS claimed CROSS JOIN orders
       WHERE orders.id = claimed.id AND orders.lease_token = claimed.lease_token`;
  return update
    .addCommonTableExpression(held, 'held', { materialized: true })
    .andWhere(idIsIn(dataSource, 'held'))
    .setParameters(claimed.parameters);
}

/** SQL for a column of `held` in an update that is restricted to it. */
export function valueOfHeld(column: 'reason' | 'delay_seconds'): string {
  return `(SELECT ${column} FROM held WHERE held.id = orders.id)`;
}
