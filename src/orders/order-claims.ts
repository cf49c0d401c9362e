import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, SelectQueryBuilder, UpdateQueryBuilder } from 'typeorm';
import { AppConfig } from '../config/app-config';
import { databaseTime } from '../database/database-time';
import { updateReturning } from '../database/returning';
import { OrderTransitions, SYSTEM } from './order-transitions';
import { Order } from './order.entity';

/** An order that was claimed, with the token that proves it. */
export type ClaimedOrder = Order & { readonly leaseToken: string };

/**
 * Hands orders out for processing. A claim protects its orders for the time of the lease; after
 * that they are handed out again, because whoever had them is taken for dead.
 */
@Injectable()
export class OrderClaims {
  private readonly logger = new Logger(OrderClaims.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transitions: OrderTransitions,
    private readonly config: AppConfig,
  ) {}

  /** Claims up to `limit` orders: first those whose lease has expired, then pending ones. */
  async claim(limit: number): Promise<ClaimedOrder[]> {
    const reclaimed = await this.reclaimExpired(limit);
    const room = limit - reclaimed.length;
    return room > 0 ? [...reclaimed, ...(await this.claimPending(room))] : reclaimed;
  }

  /**
   * Completes a claimed order.
   * @returns false when the claim no longer holds, because its lease ran out
   */
  async complete({ id, leaseToken }: ClaimedOrder): Promise<boolean> {
    const completed = await this.transitions.apply('complete', {
      actor: SYSTEM,
      set: (now) => ({ completedAt: now, leaseToken: null, leaseExpiresAt: null }),
      where: (update) => update.andWhere({ id, leaseToken }),
    });
    return completed.length === 1;
  }

  private async claimPending(limit: number): Promise<ClaimedOrder[]> {
    const lease = this.newLease();
    const claimed = await this.transitions.apply('claim', {
      actor: SYSTEM,
      set: () => lease,
      where: (update) =>
        this.restrictTo(update, limit, (due) =>
          due.where(`due.status = 'pending'`).orderBy('due.id'),
        ),
    });
    return claimed as ClaimedOrder[];
  }

  /** The order stays in processing, so this is no transition. */
  private async reclaimExpired(limit: number): Promise<ClaimedOrder[]> {
    const now = databaseTime(this.dataSource);
    const reclaimed = await this.dataSource.transaction((manager) => {
      const update = manager.createQueryBuilder().update(Order).set(this.newLease());
      const expired = this.restrictTo(update, limit, (due) =>
        due
          .where(`due.status = 'processing' AND due.leaseExpiresAt <= ${now}`)
          .orderBy('due.leaseExpiresAt'),
      );
      return updateReturning(manager, Order, expired);
    });
    for (const { id, attempts } of reclaimed) {
      this.logger.warn({ msg: 'Reclaimed an order whose lease expired', order_id: id, attempts });
    }
    return reclaimed as ClaimedOrder[];
  }

  private newLease() {
    const expiry = databaseTime(this.dataSource, this.config.processing.leaseSeconds);
    return {
      leaseToken: randomUUID(),
      leaseExpiresAt: () => expiry,
      attempts: () => 'attempts + 1',
    };
  }

  /**
   * Limits an update to the first `limit` orders that `select` finds. On PostgreSQL they are
   * locked one by one, and those that another instance is claiming are passed over; the CTE is
   * materialized because a subquery might be evaluated, and its rows locked, more than once.
   */
  private restrictTo(
    update: UpdateQueryBuilder<Order>,
    limit: number,
    select: (due: SelectQueryBuilder<Order>) => SelectQueryBuilder<Order>,
  ): UpdateQueryBuilder<Order> {
    const due = select(
      this.dataSource.manager.createQueryBuilder(Order, 'due').select('due.id', 'id'),
    ).limit(limit);
    if (this.dataSource.options.type === 'postgres') {
      due.setLock('pessimistic_write').setOnLocked('skip_locked');
    }
    return update
      .addCommonTableExpression(due, 'due', { materialized: true })
      .andWhere('id IN (SELECT id FROM due)');
  }
}
