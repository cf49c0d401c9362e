import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, UpdateQueryBuilder } from 'typeorm';
import { AppConfig } from '../config/app-config';
import { anyOf } from '../database/any-of';
import { databaseTime } from '../database/database-time';
import { executeReturning } from '../database/returning';
import { Transactions } from '../database/transactions';
import { OrderTransitions } from '../orders/order-transitions';
import { Order } from '../orders/order.entity';

/** An order that was claimed, with the token that proves it. */
export type ClaimedOrder = Order & { readonly leaseToken: string };

/** What is no longer true of an order once nobody holds it. */
const UNCLAIMED = { leaseToken: null, leaseExpiresAt: null };

/**
 * Hands orders out for processing. A claim protects its orders for the time of the lease, which
 * can be renewed; after that they are handed out again, because whoever had them is taken for dead.
 * Whoever ends a claim has to hold it: a worker that lost its lease changes nothing.
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
  async claim(limit: number): Promise<ClaimedOrder[]> {
    await this.failExhausted(limit);
    const reclaimed = await this.reclaimExpired(limit);
    const room = limit - reclaimed.length;
    return room > 0 ? [...reclaimed, ...(await this.claimPending(room))] : reclaimed;
  }

  /**
   * Prolongs the leases of claimed orders.
   * @returns the ids of those that are still held
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
    return this.end('complete', order, null, (now) => ({ completedAt: () => now }));
  }

  /**
   * Makes the order due again after a delay, or fails it when this was its last attempt.
   * @returns false when the claim was lost before
   */
  postpone(order: ClaimedOrder, reason: string, delaySeconds: number): Promise<boolean> {
    if (order.attempts >= this.config.processing.maxAttempts) return this.fail(order, reason);
    const due = databaseTime(this.dataSource, ':delaySeconds');
    return this.end('postpone', order, reason, () => ({ nextAttemptAt: () => due }), {
      delaySeconds: Math.trunc(delaySeconds),
    });
  }

  /** @returns false when the claim was lost before */
  fail(order: ClaimedOrder, reason: string): Promise<boolean> {
    return this.end('fail', order, reason, () => ({ failureReason: reason }));
  }

  /**
   * Gives the order back as if it had not been claimed: it is due at once, and the attempt does
   * not count.
   * @returns false when the claim was lost before
   */
  release(order: ClaimedOrder, reason: string): Promise<boolean> {
    const now = databaseTime(this.dataSource);
    return this.end('release', order, reason, () => ({
      nextAttemptAt: () => now,
      attempts: () => 'attempts - 1',
    }));
  }

  private async end(
    transition: 'complete' | 'postpone' | 'fail' | 'release',
    { id, leaseToken }: ClaimedOrder,
    reason: string | null,
    set: (now: string) => Parameters<UpdateQueryBuilder<Order>['set']>[0],
    parameters: Record<string, unknown> = {},
  ): Promise<boolean> {
    const ended = await this.transactions.run((tx) =>
      this.transitions.apply(tx, transition, {
        reason,
        set: (now) => ({ ...UNCLAIMED, ...set(now) }),
        where: (update) => update.andWhere({ id, leaseToken }).setParameters(parameters),
      }),
    );
    if (ended.length === 0) {
      this.logger.warn({ msg: 'Dropped the result of a lost claim', order_id: id, transition });
    }
    return ended.length === 1;
  }

  private async claimPending(limit: number): Promise<ClaimedOrder[]> {
    const now = databaseTime(this.dataSource);
    const claimed = await this.transactions.run((tx) =>
      this.transitions.apply(tx, 'claim', {
        set: () => this.newLease(),
        where: (update) =>
          this.restrictTo(
            update,
            limit,
            `status = 'pending' AND next_attempt_at <= ${now} ORDER BY next_attempt_at, id`,
          ),
      }),
    );
    return claimed as ClaimedOrder[];
  }

  /** The order stays in processing, so this is no transition. */
  private async reclaimExpired(limit: number): Promise<ClaimedOrder[]> {
    const { manager } = this.dataSource;
    const update = manager.createQueryBuilder().update(Order).set(this.newLease());
    const reclaimed = await executeReturning(
      manager,
      Order,
      this.restrictTo(update, limit, this.expired('<')),
    );
    for (const { id, attempts } of reclaimed) {
      this.logger.warn({ msg: 'Reclaimed an order whose lease expired', order_id: id, attempts });
    }
    return reclaimed as ClaimedOrder[];
  }

  /** An attempt that ends with its process counts: an order that kills processes has to stop. */
  private async failExhausted(limit: number): Promise<void> {
    const reason = 'The process that worked on the last attempt did not finish it';
    await this.transactions.run((tx) =>
      this.transitions.apply(tx, 'fail', {
        reason,
        set: () => ({ ...UNCLAIMED, failureReason: reason }),
        where: (update) => this.restrictTo(update, limit, this.expired('>=')),
      }),
    );
  }

  private expired(attempts: '<' | '>='): string {
    const now = databaseTime(this.dataSource);
    return `status = 'processing' AND lease_expires_at <= ${now}
      AND attempts ${attempts} :maxAttempts ORDER BY lease_expires_at`;
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

  /**
   * Limits an update to the first `limit` orders that meet a condition, in its order. On PostgreSQL
   * they are locked one by one, and those that another instance is claiming are skipped; the CTE is
   * materialized because a subquery might be evaluated, and its rows locked, more than once.
   */
  private restrictTo(
    update: UpdateQueryBuilder<Order>,
    limit: number,
    due: string,
  ): UpdateQueryBuilder<Order> {
    const isPostgres = this.dataSource.options.type === 'postgres';
    const lock = isPostgres ? 'FOR UPDATE SKIP LOCKED' : '';
    return update
      .addCommonTableExpression(`SELECT id FROM orders WHERE ${due} LIMIT :limit ${lock}`, 'due', {
        materialized: true,
      })
      .andWhere('id IN (SELECT id FROM due)')
      .setParameters({ limit, maxAttempts: this.config.processing.maxAttempts });
  }
}
