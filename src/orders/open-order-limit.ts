import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { boundedCache } from '../common/bounded-cache';
import { AppConfig } from '../config/app-config';
import { isPostgres } from '../database/is-postgres';
import { SqlExpression } from '../database/returning';
import { type Transaction, Transactions } from '../database/transactions';
import { OPEN_STATUSES } from './order-status';
import { type NewOrder, OrderTransitions } from './order-transitions';
import type { Order } from './order.entity';
import { OpenOrdersLimitReachedError } from './orders.errors';

/** How many orders may be placed without another count, as a share of the limit. */
const UNCOUNTED_SHARE = 0.01;

/** How long a count is relied on, in milliseconds: other instances place orders as well. */
const COUNT_TTL_MS = 5_000;

/** How many users have a remembered count; the next order of any other user is counted. */
const MAX_USERS = 10_000;

/** First key of the advisory locks, an arbitrary constant. The second key is the user. */
const PLACEMENT_LOCK = 1_467_032;

interface KnownUser {
  /** How many orders can still be placed without a count. */
  uncounted: number;
  /** True when the limit is so near that each order is counted. */
  readonly isNearLimit: boolean;
}

type Work = (tx: Transaction) => Promise<Order | undefined>;

/** Runs work in a transaction. */
type Run = (work: Work) => Promise<Order | undefined>;

/**
 * Limits how many pending and processing orders a user has (`MAX_OPEN_ORDERS_PER_USER`).
 *
 * The count is a condition of the INSERT. It needs no statement of its own, but its cost grows with
 * the open orders of the user. Therefore a count that finds at least 1 % of the limit free allows
 * that many orders without another count. Nearer to the limit each order is counted, on PostgreSQL
 * under a lock of the user: there, and with a limit below 100, the limit is exact. Otherwise each
 * further instance may exceed it by 1 %, and each instance by the requests it is serving.
 */
@Injectable()
export class OpenOrderLimit {
  private readonly limit: number;
  private readonly uncountedPerCount: number;
  private readonly known = boundedCache<number, KnownUser>(MAX_USERS, { ttl: COUNT_TTL_MS });

  constructor(
    private readonly transactions: Transactions,
    private readonly transitions: OrderTransitions,
    { orders }: AppConfig,
  ) {
    this.limit = orders.maxOpenPerUser;
    this.uncountedPerCount = Math.floor(this.limit * UNCOUNTED_SHARE);
  }

  /**
   * Places an order, unless its user has reached the limit.
   * @throws OpenOrdersLimitReachedError
   */
  async place(tx: Transaction, values: NewOrder): Promise<Order> {
    return this.placeIn(
      (work) => work(tx),
      (work) => work(tx),
      values,
    );
  }

  /**
   * Like {@link place}, in a transaction of its own, or without one where a statement suffices.
   * @throws OpenOrdersLimitReachedError
   */
  async placeAlone(values: NewOrder): Promise<Order> {
    const needsTransaction = this.transitions.hasHooks('place');
    return this.placeIn(
      (work) =>
        needsTransaction ? this.transactions.run(work) : this.transactions.runStatement(work),
      (work) => this.transactions.run(work),
      values,
    );
  }

  private async placeIn(runFar: Run, runNear: Run, values: NewOrder): Promise<Order> {
    // Decided before a transaction is opened.
    const isFar = this.uncountedPerCount > 0 && !this.known.get(values.userId)?.isNearLimit;
    const order =
      (isFar ? await runFar((tx) => this.placeFarFromLimit(tx, values)) : undefined) ??
      (await runNear((tx) => this.placeNearLimit(tx, values)));
    if (!order) throw new OpenOrdersLimitReachedError(this.limit);
    return order;
  }

  /** @returns undefined when the limit is near */
  private async placeFarFromLimit(tx: Transaction, values: NewOrder): Promise<Order | undefined> {
    const { userId } = values;
    const known = this.known.get(userId);
    if (known?.isNearLimit) return undefined; // found while this transaction waited
    if (known && known.uncounted > 0) {
      known.uncounted--;
      return this.transitions.place(tx, values);
    }
    const condition = hasFewerOpenOrders(userId, this.limit - this.uncountedPerCount);
    const order = await this.transitions.place(tx, values, condition);
    if (!order) this.known.set(userId, { uncounted: 0, isNearLimit: true });
    // Of concurrent counts only the first allows more orders: the others do not include them.
    else if (this.known.get(userId) === known) {
      this.known.set(userId, { uncounted: this.uncountedPerCount, isNearLimit: false });
    }
    return order;
  }

  /** @returns undefined when the limit is reached */
  private async placeNearLimit(tx: Transaction, values: NewOrder): Promise<Order | undefined> {
    const { userId } = values;
    await lockPlacements(tx.manager, userId);
    return this.transitions.place(tx, values, hasFewerOpenOrders(userId, this.limit));
  }
}

/** Makes other counted placements of the user wait for the commit. SQLite has one writer anyway. */
async function lockPlacements(manager: EntityManager, userId: number): Promise<void> {
  if (!isPostgres(manager.dataSource)) return;
  await manager.query('SELECT pg_advisory_xact_lock($1, $2)', [PLACEMENT_LOCK, userId % 2 ** 31]);
}

function hasFewerOpenOrders(userId: number, count: number): SqlExpression {
  const statuses = OPEN_STATUSES.map((status) => `'${status}'`).join(', ');
  return new SqlExpression(
    `(SELECT COUNT(*) FROM (
        SELECT 1 FROM orders WHERE user_id = :userId AND status IN (${statuses}) LIMIT :count
      ) AS open) < :count`,
    { userId, count },
  );
}
