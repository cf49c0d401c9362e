import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { Measurements } from '../common/measurements';
import { Pacing } from '../common/pacing';
import { AppConfig } from '../config/app-config';
import { anyOf } from '../database/any-of';
import { databaseTime } from '../database/database-time';
import { namedQuery } from '../database/named-query';
import { type Transaction, Transactions } from '../database/transactions';
import { QUEUE_INDEXES } from '../orders/order-indexes';
import { OrderTransitions } from '../orders/order-transitions';
import { RELEASE_REASON } from '../orders/release-reasons';
import type { Order } from '../orders/order.entity';
import { fieldsOf } from '../orders/responsible-request';
import type { TransitionHookError } from '../orders/transition-hook.error';
import { type DueOrders, attemptsOfSuspect, isLastAttempt, selectDue } from './due-orders';
import { type ExpiredLease, ExpiredLeases } from './expired-leases';
import { HookIsolation, logHookFailure } from './hook-failures';

/** The number of orders in one transaction, at most. */
const BATCH_SIZE = 500;

const EXHAUSTED_REASON = 'The process that worked on the last attempt did not finish it';

type AbandonedOrder = Pick<Order, 'id' | 'attempts'> & {
  readonly lease_token: string;
  readonly runs_alone: boolean | number;
  readonly request_id: string | null;
};

/** Reclaims the orders of processes that died, or that could not renew their leases. */
@Injectable()
export class AbandonedOrders {
  private readonly logger = new Logger(AbandonedOrders.name);
  private readonly searches = new Pacing(0);
  private readonly hooks = new HookIsolation();

  constructor(
    private readonly transactions: Transactions,
    private readonly transitions: OrderTransitions,
    private readonly leases: ExpiredLeases,
    private readonly config: AppConfig,
    private readonly measurements: Measurements,
  ) {}

  /**
   * Makes the orders of expired leases pending again. Orders whose attempts had begun run alone next
   * time, or fail if they ran alone in their last attempt. An attempt that had not begun does not count.
   *
   * The search for them reads past the index entries of all orders that were processed since the oldest
   * snapshot, so it is paced unless a lease has expired meanwhile. Without one, it can only find orders
   * that were locked before, or claimed by an instance of the previous release.
   * @returns the number of orders that were reclaimed
   */
  async reclaim(): Promise<number> {
    const areNew = await this.leases.areNew();
    if (!areNew && !this.searches.isDue) return 0;
    for (let reclaimed = 0; ;) {
      const { count, isLast } = await this.hooks.run(BATCH_SIZE, (limit, failure) =>
        this.transactions.run((tx) => this.reclaimBatch(tx, limit, failure)),
      );
      reclaimed += count;
      if (isLast) return reclaimed;
    }
  }

  /** @param failure the hooks of this order have failed; it is reclaimed without them */
  private async reclaimBatch(
    tx: Transaction,
    limit: number,
    failure?: TransitionHookError,
  ): Promise<{ readonly count: number; readonly isLast: boolean }> {
    const leases = await this.leases.lock(tx.manager);
    const locked = await this.lockAbandoned(tx.manager, leases, limit);
    const orders = await this.withoutHeld(tx.manager, locked, leases);
    const notBegun = new Set(leases.flatMap(({ token, begun_at }) => (begun_at ? [] : [token])));
    const { maxAttempts } = this.config.processing;
    const exhausted: AbandonedOrder[] = [];
    const begun: AbandonedOrder[] = [];
    const onlyClaimed: AbandonedOrder[] = [];
    for (const order of orders) {
      if (notBegun.has(order.lease_token)) onlyClaimed.push(order);
      else if (order.runs_alone && isLastAttempt(order, maxAttempts)) exhausted.push(order);
      else begun.push(order);
    }
    const withoutHooks = new Set(failure && [failure.orderId]);
    await this.fail(tx, exhausted, withoutHooks);
    const runAlone = {
      runsAlone: true,
      attempts: () => attemptsOfSuspect(maxAttempts),
      turn: null,
    };
    await this.release(tx, begun, RELEASE_REASON.abandoned, runAlone, withoutHooks);
    const takeBack = { attempts: () => 'attempts - 1' };
    await this.release(tx, onlyClaimed, RELEASE_REASON.notBegun, takeBack, withoutHooks);
    await this.leases.delete(tx.manager, leases);
    tx.afterCommit(() => {
      this.measurements.leasesLost(orders.length);
      for (const { id, attempts, lease_token, request_id: requestId } of orders) {
        if (failure?.orderId === id) {
          logHookFailure(this.logger, { id, requestId }, failure, 'reclaimed without it');
        }
        this.logger.warn({
          msg: 'Reclaimed an order whose lease expired',
          ...fieldsOf({ id, requestId }),
          attempts,
          had_begun: !notBegun.has(lease_token),
        });
      }
    });
    // Hooks that fail may take long, and due orders are claimed between two calls.
    return { count: orders.length, isLast: orders.length < limit || failure !== undefined };
  }

  /**
   * Instances of the previous release keep the expiry of a lease in the order. An order whose lease
   * does not exist is abandoned, too.
   */
  private lockAbandoned(
    manager: EntityManager,
    leases: readonly ExpiredLease[],
    limit: number,
  ): Promise<AbandonedOrder[]> {
    const tokens = leases.map(({ token }) => token);
    const [isExpired, parameters] = anyOf(manager.dataSource, 'lease_token', tokens);
    const abandoned: DueOrders = {
      condition: (now) =>
        `status = 'processing' AND (${isExpired} OR (
           (lease_expires_at IS NULL OR lease_expires_at <= ${now})
           AND NOT EXISTS (SELECT 1 FROM order_leases WHERE token = lease_token)))`,
      orderBy: 'created_at, id',
      index: QUEUE_INDEXES.statusCreatedAt,
    };
    const sql = selectDue(manager, abandoned, 'id, attempts, lease_token, runs_alone, request_id');
    return this.searches.run(() => namedQuery(manager, sql, { ...parameters, limit }));
  }

  /**
   * Removes the orders of leases that have not expired. When an order is claimed again during the
   * statement that locks it, PostgreSQL reads the new order, but not yet the new lease.
   */
  private async withoutHeld(
    manager: EntityManager,
    orders: readonly AbandonedOrder[],
    expired: readonly ExpiredLease[],
  ): Promise<readonly AbandonedOrder[]> {
    const tokens = new Set(orders.map(({ lease_token }) => lease_token));
    for (const { token } of expired) tokens.delete(token);
    if (tokens.size === 0) return orders;
    const [isOne, parameters] = anyOf(manager.dataSource, 'token', [...tokens]);
    const sql = `SELECT token FROM order_leases WHERE ${isOne}`;
    const held = await namedQuery<{ token: string }>(manager, sql, parameters);
    const heldTokens = new Set(held.map(({ token }) => token));
    return orders.filter(({ lease_token }) => !heldTokens.has(lease_token));
  }

  private async fail(
    tx: Transaction,
    orders: readonly AbandonedOrder[],
    withoutHooks: ReadonlySet<number>,
  ): Promise<void> {
    if (orders.length === 0) return;
    await this.transitions.applyToMany(tx, 'fail', {
      reason: EXHAUSTED_REASON,
      set: () => ({ failureReason: EXHAUSTED_REASON }),
      where: (update) => update.andWhere(...this.idsOf(tx, orders)),
      withoutHooks,
    });
  }

  private async release(
    tx: Transaction,
    orders: readonly AbandonedOrder[],
    reason: string,
    set: QueryDeepPartialEntity<Order>,
    withoutHooks: ReadonlySet<number>,
  ): Promise<void> {
    if (orders.length === 0) return;
    const now = databaseTime(tx.manager.dataSource);
    await this.transitions.applyToMany(tx, 'release', {
      reason,
      set: () => ({ ...set, nextAttemptAt: () => now }),
      where: (update) => update.andWhere(...this.idsOf(tx, orders)),
      withoutHooks,
    });
  }

  private idsOf({ manager }: Transaction, orders: readonly AbandonedOrder[]) {
    const ids = orders.map(({ id }) => id);
    return anyOf(manager.dataSource, 'id', ids);
  }
}
