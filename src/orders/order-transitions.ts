import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager, UpdateQueryBuilder } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { Clock } from '../common/clock';
import { databaseTime } from '../database/database-time';
import { executeReturning } from '../database/returning';
import { OrderEvents } from './order-events';
import { OrderHistoryEntry } from './order-history-entry.entity';
import {
  type ActorType,
  INITIAL_STATUS,
  type OrderStatus,
  TRANSITIONS,
  type TransitionName,
  assertStatusGraphIsSound,
} from './order-status';
import { Order } from './order.entity';

/** Who caused a transition. */
export interface Actor {
  readonly type: ActorType;
  /** Null for the system. */
  readonly id: number | null;
}

export const SYSTEM: Actor = { type: 'system', id: null };

/** What an order is made of when it is placed. */
export type NewOrder = Pick<Order, 'userId' | 'productName' | 'amountMinor'>;

/** What else is written in the transaction that places an order. When it throws, there is no order. */
export type Alongside = (manager: EntityManager, order: Order) => Promise<void>;

interface TransitionRequest {
  readonly actor: Actor;
  readonly reason?: string | null;
  /** Columns that change together with the status. */
  readonly set: (now: Date) => QueryDeepPartialEntity<Order>;
  /** Narrows the orders that move, all of which have to be in the transition's first status. */
  readonly where: (update: UpdateQueryBuilder<Order>) => UpdateQueryBuilder<Order>;
}

/**
 * The only writer of `orders.status`. Each transition is one conditional UPDATE and its history
 * entries, in one transaction: of two that race for an order, one finds no row.
 */
@Injectable()
export class OrderTransitions implements OnModuleInit {
  private readonly logger = new Logger(OrderTransitions.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly events: OrderEvents,
  ) {}

  onModuleInit(): void {
    assertStatusGraphIsSound();
  }

  /** Places an order, and opens its history. */
  async place(values: NewOrder, alongside?: Alongside): Promise<Order> {
    const now = this.clock.now();
    const state = {
      ...values,
      status: INITIAL_STATUS,
      version: 1,
      attempts: 0,
      leaseToken: null,
      leaseExpiresAt: null,
      failureReason: null,
      cancelReason: null,
      createdAt: now,
      updatedAt: now,
      cancelledAt: null,
      completedAt: null,
    };
    const order = await this.dataSource.transaction(async (manager) => {
      const due = databaseTime(this.dataSource);
      const { identifiers } = await manager.insert(Order, { ...state, nextAttemptAt: () => due });
      const placed = manager.create(Order, { ...state, ...identifiers[0], nextAttemptAt: null });
      await alongside?.(manager, placed);
      await manager.insert(OrderHistoryEntry, {
        orderId: placed.id,
        sequence: placed.version,
        from: null,
        to: placed.status,
        actorType: 'user',
        actorId: placed.userId,
        reason: null,
        createdAt: now,
      });
      return placed;
    });
    this.announce('place', null, [order]);
    return order;
  }

  /**
   * Moves every order that `where` selects and that is in the transition's first status.
   * @returns the moved orders, oldest first; none when another transition was faster
   */
  async apply(name: TransitionName, request: TransitionRequest): Promise<Order[]> {
    const { from } = TRANSITIONS[name];
    const orders = await this.dataSource.transaction((manager) =>
      this.applyWith(manager, name, request),
    );
    // What users write is not for the log.
    this.announce(name, from, orders, request.actor === SYSTEM ? request.reason : null);
    return orders;
  }

  private async applyWith(
    manager: EntityManager,
    name: TransitionName,
    { actor, reason = null, set, where }: TransitionRequest,
  ): Promise<Order[]> {
    const { from, to } = TRANSITIONS[name];
    const now = this.clock.now();
    const update = manager
      .createQueryBuilder()
      .update(Order)
      .set({ ...set(now), status: to, version: () => 'version + 1', updatedAt: now })
      .where('status = :from', { from });
    const orders = await executeReturning(manager, Order, where(update));
    if (orders.length === 0) return orders;
    orders.sort((a, b) => a.id - b.id);
    await manager.insert(
      OrderHistoryEntry,
      orders.map(({ id, version }) => ({
        orderId: id,
        sequence: version,
        from,
        to,
        actorType: actor.type,
        actorId: actor.id,
        reason,
        createdAt: now,
      })),
    );
    return orders;
  }

  /** Called after the commit, so that nobody hears of a transition that did not happen. */
  private announce(
    name: 'place' | TransitionName,
    from: OrderStatus | null,
    orders: readonly Order[],
    reason: string | null = null,
  ): void {
    for (const { id, userId, status } of orders) {
      this.logger.log({
        msg: `Order ${status}`,
        order_id: id,
        owner_id: userId,
        from,
        to: status,
        ...(reason !== null && { reason }),
      });
    }
    this.events.publish(name, orders);
  }
}
