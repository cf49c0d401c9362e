import type { EntityManager, UpdateQueryBuilder } from 'typeorm';
import { databaseTime } from '../database/database-time';
import { isPostgres } from '../database/is-postgres';
import type { Order } from '../orders/order.entity';

interface DueOrders {
  /** SQL, given the SQL of the current time. */
  readonly condition: (now: string) => string;
  readonly orderBy: string;
}

const leaseExpired = (now: string) => `status = 'processing' AND lease_expires_at <= ${now}`;

/** The rules of the queue: which orders are due for what, and which of them are first. */
export const DUE_ORDERS = {
  /** To be claimed. The lower bound is where the search begins. */
  withTurn: {
    condition: (now) =>
      `status = 'pending' AND turn IS NOT NULL AND turn >= :fromTurn AND next_attempt_at <= ${now}`,
    orderBy: 'turn, id',
  },
  /** To get a turn: postponed before, retried, or placed by an instance of an earlier release. */
  withoutTurn: {
    condition: (now) =>
      `status = 'pending' AND turn IS NULL AND NOT runs_alone AND next_attempt_at <= ${now}`,
    orderBy: 'next_attempt_at, id',
  },
  /** To be claimed one by one: a process died, or lost the order, during an attempt. */
  alone: {
    condition: (now) => `status = 'pending' AND runs_alone AND next_attempt_at <= ${now}`,
    orderBy: 'next_attempt_at, id',
  },
  /** To be made pending again: the process that claimed it died, or cannot renew the lease. */
  abandoned: {
    condition: leaseExpired,
    orderBy: 'id',
  },
  /** To be failed: it was abandoned during its last attempt. */
  exhausted: {
    condition: (now) =>
      `${leaseExpired(now)} AND begun_at IS NOT NULL AND attempts >= :maxAttempts`,
    orderBy: 'id',
  },
} as const satisfies Record<string, DueOrders>;

/** The rule of `exhausted` for an order in memory whose attempt has begun. */
export function isLastAttempt({ attempts }: Order, maxAttempts: number): boolean {
  return attempts >= maxAttempts;
}

/**
 * SQL that selects the first orders that are due. PostgreSQL locks them one by one, and skips those
 * that another transaction has locked. Its parameter `limit` is the number of orders.
 */
export function selectDue(
  { dataSource }: EntityManager,
  { condition, orderBy }: DueOrders,
  columns = 'id',
): string {
  const lock = isPostgres(dataSource) ? 'FOR UPDATE SKIP LOCKED' : '';
  return `SELECT ${columns} FROM orders WHERE ${condition(databaseTime(dataSource))}
    ORDER BY ${orderBy} LIMIT :limit ${lock}`;
}

/**
 * Restricts an update to the first orders that are due. The selection is materialized, because a
 * subquery could be evaluated, and its rows locked, more than once.
 */
export function restrictToDue(
  update: UpdateQueryBuilder<Order>,
  manager: EntityManager,
  due: DueOrders,
  parameters: Readonly<Record<string, number>>,
): UpdateQueryBuilder<Order> {
  return update
    .addCommonTableExpression(selectDue(manager, due), 'due', { materialized: true })
    .andWhere('id IN (SELECT id FROM due)')
    .setParameters(parameters);
}
