import type { EntityManager, UpdateQueryBuilder } from 'typeorm';
import { databaseTime } from '../database/database-time';
import { isPostgres } from '../database/is-postgres';
import type { TransitionName } from '../orders/order-status';
import type { Order } from '../orders/order.entity';

interface DueOrders {
  /** SQL, given the SQL of the current time. */
  readonly condition: (now: string) => string;
  readonly orderBy: string;
  /** Null when the order keeps its status. */
  readonly transition: TransitionName | null;
}

const leaseExpired = (now: string) => `status = 'processing' AND lease_expires_at <= ${now}`;

/** The rules of the queue: which orders are due, which are first, and what a claim does to them. */
export const DUE_ORDERS = {
  /** A process died during the last attempt. An order that kills its process must not run forever. */
  exhausted: {
    condition: (now) => `${leaseExpired(now)} AND attempts >= :maxAttempts`,
    orderBy: 'lease_expires_at',
    transition: 'fail',
  },
  /** A process died during an earlier attempt. The order is reclaimed under a new lease. */
  abandoned: {
    condition: (now) => `${leaseExpired(now)} AND attempts < :maxAttempts`,
    orderBy: 'lease_expires_at',
    transition: null,
  },
  pending: {
    condition: (now) => `status = 'pending' AND next_attempt_at <= ${now}`,
    orderBy: 'next_attempt_at, id',
    transition: 'claim',
  },
} as const satisfies Record<string, DueOrders>;

/** The rule of `exhausted` for an order in memory: `attempts` includes the running attempt. */
export function isLastAttempt({ attempts }: Order, maxAttempts: number): boolean {
  return attempts >= maxAttempts;
}

/**
 * Restricts an update to the first orders that are due. PostgreSQL locks them one by one, and skips
 * those that another instance is claiming. Its CTE is materialized, because a subquery could be
 * evaluated, and its rows locked, more than once.
 */
export function restrictToDue(
  update: UpdateQueryBuilder<Order>,
  { dataSource }: EntityManager,
  { condition, orderBy }: DueOrders,
  parameters: { readonly limit: number; readonly maxAttempts: number },
): UpdateQueryBuilder<Order> {
  const lock = isPostgres(dataSource) ? 'FOR UPDATE SKIP LOCKED' : '';
  const due = `SELECT id FROM orders WHERE ${condition(databaseTime(dataSource))}
    ORDER BY ${orderBy} LIMIT :limit ${lock}`;
  return update
    .addCommonTableExpression(due, 'due', { materialized: true })
    .andWhere('id IN (SELECT id FROM due)')
    .setParameters(parameters);
}
