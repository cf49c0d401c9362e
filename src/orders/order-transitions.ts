import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager, UpdateQueryBuilder } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { anyOf } from '../database/any-of';
import { databaseTime, databaseTimeAfter } from '../database/database-time';
import { type Condition, executeReturning, insertWhere } from '../database/returning';
import { OrderEvents } from './order-events';
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

/** A condition that is part of the statement that places an order. */
export interface PlacementCheck {
  readonly condition: Condition;
  /** Runs first in the transaction, to make others with the same check wait. */
  readonly lock?: (manager: EntityManager) => Promise<void>;
}

interface TransitionRequest {
  readonly actor: Actor;
  readonly reason?: string | null;
  /** Columns that change together with the status. `now` is the SQL of the transition's instant. */
  readonly set: (now: string) => QueryDeepPartialEntity<Order>;
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
    private readonly events: OrderEvents,
  ) {}

  onModuleInit(): void {
    assertStatusGraphIsSound();
  }

  /**
   * Places an order, and opens its history.
   * @returns undefined when the check fails
   */
  async place(
    values: NewOrder,
    alongside?: Alongside,
    check?: PlacementCheck,
  ): Promise<Order | undefined> {
    const now = () => databaseTime(this.dataSource);
    const order = await this.dataSource.transaction(async (manager) => {
      await check?.lock?.(manager);
      const placed = await insertWhere<Order>(
        manager,
        Order,
        {
          ...values,
          status: INITIAL_STATUS,
          version: 1,
          attempts: 0,
          nextAttemptAt: now,
          createdAt: now,
          updatedAt: now,
        },
        check?.condition,
      );
      if (!placed) return undefined;
      await alongside?.(manager, placed);
      await this.record(manager, [placed], null, { type: 'user', id: placed.userId }, null);
      return placed;
    });
    if (order) this.announce('place', null, [order]);
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
    // No earlier than the transition before: `updated_at` is the instant of the latest one.
    const now = databaseTimeAfter(this.dataSource, 'updated_at');
    const update = manager
      .createQueryBuilder()
      .update(Order)
      .set({ ...set(now), status: to, version: () => 'version + 1', updatedAt: () => now })
      .where('status = :from', { from });
    const orders = await executeReturning(manager, Order, where(update));
    if (orders.length === 0) return orders;
    await this.record(manager, orders, from, actor, reason);
    return orders.toSorted((a, b) => a.id - b.id);
  }

  /** Writes the history entries of orders as they are now, in one statement for any number. */
  private async record(
    manager: EntityManager,
    orders: readonly Order[],
    from: OrderStatus | null,
    actor: Actor,
    reason: string | null,
  ): Promise<void> {
    const [moved, ids] = anyOf(
      this.dataSource,
      'id',
      orders.map(({ id }) => id),
    );
    const statement = this.dataSource.driver.escapeQueryWithParameters(
      `INSERT INTO order_history
         (order_id, sequence, from_status, to_status, actor_type, actor_id, reason, created_at)
       SELECT id, version, :from, status, :actorType, :actorId, :reason, updated_at
       FROM orders WHERE ${moved}`,
      { ...ids, from, actorType: actor.type, actorId: actor.id, reason },
    );
    await manager.query(...statement);
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
