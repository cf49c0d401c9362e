import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, UpdateQueryBuilder } from 'typeorm';
import { AppConfig } from '../config/app-config';
import { anyOf } from '../database/any-of';
import { databaseTime } from '../database/database-time';
import { executeReturning } from '../database/returning';
import { type Transaction, Transactions } from '../database/transactions';
import { OrderTransitions } from '../orders/order-transitions';
import { Order } from '../orders/order.entity';
import { DUE_ORDERS, isLastAttempt, restrictToDue } from './due-orders';

/** An order with the lease token of its claim. */
export type ClaimedOrder = Order & { readonly leaseToken: string };

const NO_LEASE = { leaseToken: null, leaseExpiresAt: null };

const EXHAUSTED_REASON = 'The process that worked on the last attempt did not finish it';

/**
 * Claims due orders, and ends their claims. A claim holds its order until the lease expires, which
 * can be renewed; an order whose lease has expired is claimed again, as its process may have died.
 * Only the lease token of the latest claim ends it, so a worker that lost its lease changes nothing.
 */
@Injectable()
export class OrderClaims {
  private readonly logger = new Logger(OrderClaims.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly transitions: OrderTransitions,
    private readonly config: AppConfig,
  ) {}

  /** Claims up to `limit` due orders: first those whose lease has expired, then pending ones. */
  claim(limit: number): Promise<ClaimedOrder[]> {
    return this.transactions.run(async (tx) => {
      await this.failExhausted(tx, limit);
      const reclaimed = await this.reclaimAbandoned(tx, limit);
      const claimed = await this.claimPending(tx, limit - reclaimed.length);
      return [...reclaimed, ...claimed] as ClaimedOrder[];
    });
  }

  /**
   * Renews the leases of claimed orders.
   * @returns the ids of those whose claim was not lost
   */
  async renew(orders: readonly ClaimedOrder[]): Promise<Set<number>> {
    if (orders.length === 0) return new Set();
    const expiry = this.leaseExpiry();
    const ids = orders.map(({ id }) => id);
    const tokens = [...new Set(orders.map(({ leaseToken }) => leaseToken))];
    const update = this.dataSource.manager
      .createQueryBuilder()
      .update(Order)
      .set({ leaseExpiresAt: () => expiry })
      .where(...anyOf(this.dataSource, 'id', ids))
      .andWhere(...anyOf(this.dataSource, 'lease_token', tokens));
    const renewed = await executeReturning(this.dataSource.manager, Order, update);
    return new Set(renewed.map(({ id }) => id));
  }

  /** @returns false when the claim was lost before */
  complete(order: ClaimedOrder): Promise<boolean> {
    return this.end(order, 'complete', null, (now) => ({ completedAt: () => now }));
  }

  /**
   * Makes the order pending, due after a delay, or fails it when this was its last attempt.
   * @returns false when the claim was lost before
   */
  postpone(order: ClaimedOrder, reason: string, delaySeconds: number): Promise<boolean> {
    if (isLastAttempt(order, this.config.processing.maxAttempts)) return this.fail(order, reason);
    const due = databaseTime(this.dataSource, ':delaySeconds');
    return this.end(order, 'postpone', reason, () => ({ nextAttemptAt: () => due }), {
      delaySeconds: Math.trunc(delaySeconds),
    });
  }

  /** @returns false when the claim was lost before */
  fail(order: ClaimedOrder, reason: string): Promise<boolean> {
    return this.end(order, 'fail', reason, () => ({ failureReason: reason }));
  }

  /**
   * Makes the order pending, due at once. The attempt does not count.
   * @returns false when the claim was lost before
   */
  release(order: ClaimedOrder, reason: string): Promise<boolean> {
    const now = databaseTime(this.dataSource);
    return this.end(order, 'release', reason, () => ({
      nextAttemptAt: () => now,
      attempts: () => 'attempts - 1',
    }));
  }

  private async end(
    { id, leaseToken }: ClaimedOrder,
    transition: 'complete' | 'postpone' | 'fail' | 'release',
    reason: string | null,
    set: (now: string) => Parameters<UpdateQueryBuilder<Order>['set']>[0],
    parameters: Record<string, unknown> = {},
  ): Promise<boolean> {
    const ended = await this.transactions.run((tx) =>
      this.transitions.apply(tx, transition, {
        reason,
        set: (now) => ({ ...NO_LEASE, ...set(now) }),
        where: (update) => update.andWhere({ id, leaseToken }).setParameters(parameters),
      }),
    );
    if (ended.length === 0) {
      this.logger.warn({ msg: 'Dropped the result of a lost claim', order_id: id, transition });
    }
    return ended.length === 1;
  }

  private failExhausted(tx: Transaction, limit: number): Promise<Order[]> {
    return this.transitions.apply(tx, DUE_ORDERS.exhausted.transition, {
      reason: EXHAUSTED_REASON,
      set: () => ({ ...NO_LEASE, failureReason: EXHAUSTED_REASON }),
      where: this.firstDue(tx, 'exhausted', limit),
    });
  }

  private async reclaimAbandoned(tx: Transaction, limit: number): Promise<Order[]> {
    const update = tx.manager.createQueryBuilder().update(Order).set(this.newLease());
    const where = this.firstDue(tx, 'abandoned', limit);
    const reclaimed = await executeReturning(tx.manager, Order, where(update));
    tx.afterCommit(() => {
      for (const { id, attempts } of reclaimed) {
        this.logger.warn({ msg: 'Reclaimed an order whose lease expired', order_id: id, attempts });
      }
    });
    return reclaimed;
  }

  private claimPending(tx: Transaction, limit: number): Promise<Order[]> {
    return this.transitions.apply(tx, DUE_ORDERS.pending.transition, {
      set: () => this.newLease(),
      where: this.firstDue(tx, 'pending', limit),
    });
  }

  private firstDue({ manager }: Transaction, due: keyof typeof DUE_ORDERS, limit: number) {
    const { maxAttempts } = this.config.processing;
    return (update: UpdateQueryBuilder<Order>) =>
      restrictToDue(update, manager, DUE_ORDERS[due], { limit, maxAttempts });
  }

  private newLease() {
    const expiry = this.leaseExpiry();
    return {
      leaseToken: randomUUID(),
      leaseExpiresAt: () => expiry,
      attempts: () => 'attempts + 1',
      nextAttemptAt: null,
    };
  }

  private leaseExpiry(): string {
    return databaseTime(this.dataSource, this.config.processing.leaseSeconds);
  }
}
