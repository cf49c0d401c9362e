import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { UpdateQueryBuilder } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { anyOf } from '../database/any-of';
import { databaseTime, databaseTimeAfter } from '../database/database-time';
import { type Condition, executeReturning, insertWhere } from '../database/returning';
import type { Transaction } from '../database/transactions';
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

/** The properties of an order that its owner chooses. */
export type NewOrder = Pick<Order, 'userId' | 'productName' | 'amountMinor'>;

/** The id of the user or admin who causes a transition; the system has none. */
type ActorId<Name extends TransitionName> = (typeof TRANSITIONS)[Name]['by'] extends 'system'
  ? { readonly actorId?: null }
  : { readonly actorId: number };

interface TransitionOptions {
  readonly reason?: string | null;
  /** Columns that change together with the status. `now` is the SQL of the transition's instant. */
  readonly set: (now: string) => QueryDeepPartialEntity<Order>;
  /** Selects the orders; only those in the first status of the transition move. */
  readonly where: (update: UpdateQueryBuilder<Order>) => UpdateQueryBuilder<Order>;
}

/** What the history and the log record of one transition. */
interface TransitionRecord {
  readonly name: 'place' | TransitionName;
  readonly from: OrderStatus | null;
  readonly actor: { readonly type: ActorType; readonly id: number | null };
  readonly reason: string | null;
}

/**
 * The only writer of `orders.status`. A transition is one conditional UPDATE and its history
 * entries, in the caller's transaction: of two that race for an order, one finds no row.
 */
@Injectable()
export class OrderTransitions implements OnModuleInit {
  private readonly logger = new Logger(OrderTransitions.name);

  constructor(private readonly events: OrderEvents) {}

  onModuleInit(): void {
    assertStatusGraphIsSound();
  }

  /**
   * Places an order, and opens its history.
   * @param condition is part of the INSERT
   * @returns undefined when the condition is not met
   */
  async place(
    tx: Transaction,
    values: NewOrder,
    condition?: Condition,
  ): Promise<Order | undefined> {
    const now = () => databaseTime(tx.manager.dataSource);
    const order = await insertWhere<Order>(
      tx.manager,
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
      condition,
    );
    if (!order) return undefined;
    const actor = { type: 'user', id: order.userId } as const;
    await this.record(tx, [order], { name: 'place', from: null, actor, reason: null });
    return order;
  }

  /**
   * Moves every order that `where` selects and that is in the first status of the transition.
   * @returns the moved orders, oldest first; none when another transition was faster
   */
  async apply<Name extends TransitionName>(
    tx: Transaction,
    name: Name,
    { reason = null, set, where, actorId = null }: TransitionOptions & ActorId<Name>,
  ): Promise<Order[]> {
    const { from, to, by } = TRANSITIONS[name];
    // No earlier than the transition before: `updated_at` is the instant of the latest one.
    const now = databaseTimeAfter(tx.manager.dataSource, 'updated_at');
    const update = tx.manager
      .createQueryBuilder()
      .update(Order)
      .set({ ...set(now), status: to, version: () => 'version + 1', updatedAt: () => now })
      .where('status = :from', { from });
    const moved = await executeReturning(tx.manager, Order, where(update));
    if (moved.length === 0) return moved;
    const orders = moved.toSorted((a, b) => a.id - b.id);
    await this.record(tx, orders, { name, from, actor: { type: by, id: actorId }, reason });
    return orders;
  }

  /** Writes the history entries of orders as they are now, in one statement for any number. */
  private async record(
    tx: Transaction,
    orders: readonly Order[],
    transition: TransitionRecord,
  ): Promise<void> {
    const { dataSource } = tx.manager;
    const { from, actor, reason } = transition;
    const [moved, ids] = anyOf(
      dataSource,
      'id',
      orders.map(({ id }) => id),
    );
    const statement = dataSource.driver.escapeQueryWithParameters(
      `INSERT INTO order_history
         (order_id, sequence, from_status, to_status, actor_type, actor_id, reason, created_at)
       SELECT id, version, :from, status, :actorType, :actorId, :reason, updated_at
       FROM orders WHERE ${moved}`,
      { ...ids, from, actorType: actor.type, actorId: actor.id, reason },
    );
    await tx.manager.query(...statement);
    tx.afterCommit(() => this.announce(orders, transition));
  }

  private announce(
    orders: readonly Order[],
    { name, from, actor, reason }: TransitionRecord,
  ): void {
    // The reasons that users write are not logged.
    const logged = actor.type === 'system' && reason !== null ? { reason } : {};
    for (const { id, userId, status } of orders) {
      this.logger.log({
        msg: `Order ${status}`,
        order_id: id,
        owner_id: userId,
        from,
        to: status,
        ...logged,
      });
    }
    this.events.publish(name, orders);
  }
}
