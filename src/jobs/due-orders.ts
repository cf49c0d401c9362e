import type { EntityManager, UpdateQueryBuilder } from 'typeorm';
import { databaseTime } from '../database/database-time';
import { idIsIn } from '../database/id-is-in';
import { isPostgres } from '../database/is-postgres';
import { QUEUE_INDEXES } from '../orders/order-indexes';
import type { Order } from '../orders/order.entity';

/** A selection of due orders. */
export interface DueOrders {
  /** SQL, given the SQL of the current time. */
  readonly condition: (now: string) => string;
  readonly orderBy: string;
  /** Contains the orders in this order; none when they are found by their ids. */
  readonly index?: string;
}

/** The rules of the queue: which orders are due for what, and which of them are first. */
export const DUE_ORDERS = {
  /** To be claimed. The lower bounds, here and below, are where a search begins. */
  withTurn: {
    condition: (now) =>
      `status = 'pending' AND turn IS NOT NULL AND turn >= :fromTurn AND next_attempt_at <= ${now}`,
    orderBy: 'turn, id',
    index: QUEUE_INDEXES.turn,
  },
  /** To get a turn: postponed before, retried, or placed by an instance of an earlier release. */
  withoutTurn: {
    condition: (now) =>
      `status = 'pending' AND turn IS NULL AND NOT runs_alone
       AND next_attempt_at >= :dueSince AND next_attempt_at <= ${now}`,
    orderBy: 'next_attempt_at, id',
    index: QUEUE_INDEXES.withoutTurn,
  },
  /** To be claimed one by one, see {@link Order.runsAlone}. */
  alone: {
    condition: (now) => `status = 'pending' AND runs_alone AND next_attempt_at <= ${now}`,
    orderBy: 'next_attempt_at, id',
    index: QUEUE_INDEXES.alone,
  },
} as const satisfies Record<string, DueOrders>;

/** One order, by its id. */
export const ONE_DUE_ORDER: DueOrders = {
  condition: (now) => `id = :id AND status = 'pending' AND next_attempt_at <= ${now}`,
  orderBy: 'id',
};

/**
 * SQL for the attempts of an order that may have ended its process. One attempt is left, in which it
 * runs alone: until then, another order may have been the cause.
 */
export function attemptsOfSuspect(maxAttempts: number): string {
  return `CASE WHEN attempts >= ${maxAttempts} THEN ${maxAttempts - 1} ELSE attempts END`;
}

/** True when an order fails unless its current attempt succeeds. */
export function isLastAttempt({ attempts }: Pick<Order, 'attempts'>, maxAttempts: number): boolean {
  return attempts >= maxAttempts;
}

/**
 * SQL that selects the first orders that are due. PostgreSQL locks them one by one, and skips those
 * that another transaction has locked. Its parameter `limit` is the number of orders.
 */
export function selectDue(
  { dataSource }: EntityManager,
  { condition, orderBy, index }: DueOrders,
  columns = 'id',
): string {
  const where = `WHERE ${condition(databaseTime(dataSource))} ORDER BY ${orderBy} LIMIT :limit`;
  return isPostgres(dataSource)
    ? `SELECT ${columns} FROM orders ${where} FOR UPDATE SKIP LOCKED`
    : `SELECT ${columns} FROM ${indexedOrders(index)} ${where}`;
}

/** SQLite would read all orders with the status, and sort them. */
function indexedOrders(index: string | undefined): string {
  return index === undefined ? 'orders' : `orders INDEXED BY ${index}`;
}

/**
 * SQL that selects due orders like {@link selectDue}, but in turn by owner: the first order of each,
 * then the second of each, and so on. It reads the first `window` orders, and returns with each the
 * earliest `next_attempt_at` of them as `first_due_at`.
 */
export function selectDueByOwner(
  { dataSource }: EntityManager,
  { condition, orderBy, index }: DueOrders,
): string {
  const where = condition(databaseTime(dataSource));
  const source = isPostgres(dataSource) ? 'orders' : indexedOrders(index);
  const candidates = `WITH due AS MATERIALIZED (
      SELECT id, user_id, next_attempt_at FROM ${source} WHERE ${where}
      ORDER BY ${orderBy} LIMIT :window
    ), candidates AS (
      SELECT id, user_id, next_attempt_at,
        row_number() OVER (PARTITION BY user_id ORDER BY ${orderBy}) AS place
      FROM due ORDER BY place, ${orderBy}
    )`;
  const firstDueAt = '(SELECT MIN(next_attempt_at) FROM due) AS first_due_at';
  return isPostgres(dataSource)
    ? // Locks them one by one in this order, until there are enough.
      `${candidates} SELECT locked.id, locked.user_id, ${firstDueAt}
       FROM candidates CROSS JOIN LATERAL (
         SELECT id, user_id FROM orders WHERE id = candidates.id AND ${where}
         FOR UPDATE SKIP LOCKED
       ) AS locked LIMIT :limit`
    : `${candidates} SELECT id, user_id, ${firstDueAt} FROM candidates LIMIT :limit`;
}

/**
 * Restricts an update to the first orders that are due. The selection is materialized, because a
 * subquery could be evaluated, and its rows locked, more than once.
 */
export function restrictToDue(
  update: UpdateQueryBuilder<Order>,
  manager: EntityManager,
  due: DueOrders,
  parameters: Readonly<Record<string, number | string>>,
): UpdateQueryBuilder<Order> {
  return update
    .addCommonTableExpression(selectDue(manager, due), 'due', { materialized: true })
    .andWhere(idIsIn(manager.dataSource, 'due'))
    .setParameters(parameters);
}
