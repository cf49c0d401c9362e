import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { UpdateQueryBuilder } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { databaseTime, databaseTimeAfter } from '../database/database-time';
import { namedQuery } from '../database/named-query';
import { SqlExpression, executeReturning, insertWhere } from '../database/returning';
import type { Transaction } from '../database/transactions';
import { valueRows } from '../database/value-rows';
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
import { OwnerTurns } from './owner-turns';

/** The properties of an order that its owner chooses. */
export type NewOrder = Pick<Order, 'userId' | 'productName' | 'amountMinor'>;

/** The id of the user or admin who causes a transition; the system has none. */
type ActorId<Name extends TransitionName> = (typeof TRANSITIONS)[Name]['by'] extends 'system'
  ? { readonly actorId?: null }
  : { readonly actorId: number };

interface TransitionOptions {
  /** The same for all orders, or one for each id. */
  readonly reason?: string | null | ReadonlyMap<number, string | null>;
  /**
   * Columns that change together with the status. `now` is the SQL of the transition's instant.
   * `nextAttemptAt` and the lease, which belong to one status, are reset by default.
   */
  readonly set: (now: string) => QueryDeepPartialEntity<Order>;
  /** Selects the orders; only those in the first status of the transition move. */
  readonly where: (update: UpdateQueryBuilder<Order>) => UpdateQueryBuilder<Order>;
}

/** What the history and the log record of one transition. */
interface TransitionRecord {
  readonly name: 'place' | TransitionName;
  readonly from: OrderStatus | null;
  readonly actor: { readonly type: ActorType; readonly id: number | null };
  readonly reason: string | null | ReadonlyMap<number, string | null>;
}

/** What belongs to the status that an order leaves. */
const RESET = {
  nextAttemptAt: null,
  leaseToken: null,
  leaseExpiresAt: null,
} as const satisfies QueryDeepPartialEntity<Order>;

/**
 * The only writer of `orders.status`. A transition is one conditional UPDATE and its history
 * entries, in the caller's transaction: of two that race for an order, one finds no row.
 */
@Injectable()
export class OrderTransitions implements OnModuleInit {
  private readonly logger = new Logger(OrderTransitions.name);

  constructor(
    private readonly events: OrderEvents,
    private readonly turns: OwnerTurns,
  ) {}

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
    condition?: SqlExpression,
  ): Promise<Order | undefined> {
    const now = () => databaseTime(tx.manager.dataSource);
    const turn = await this.turns.forNewOrder(tx, values.userId, !condition);
    const order = await insertWhere<Order>(
      tx.manager,
      Order,
      {
        ...values,
        status: INITIAL_STATUS,
        version: 1,
        attempts: 0,
        turn,
        nextAttemptAt: now,
        createdAt: now,
        updatedAt: now,
      },
      condition,
    );
    if (!order) return undefined;
    if (turn instanceof SqlExpression) this.turns.computed(order.userId, Number(order.turn));
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
      .set({
        ...RESET,
        ...set(now),
        status: to,
        version: () => 'version + 1',
        updatedAt: () => now,
      })
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
    const rows = orders.map(({ id, version, status, updatedAt }) => ({
      id,
      version,
      status,
      reason: reasonFor(id, reason),
      updated_at: updatedAt.toISOString(),
    }));
    const { sql, parameters } = valueRows(
      dataSource,
      {
        id: 'bigint',
        version: 'integer',
        status: 'text',
        reason: 'text',
        updated_at: 'timestamptz',
      },
      rows,
    );
    await namedQuery(
      tx.manager,
      `INSERT INTO order_history
         (order_id, sequence, from_status, to_status, actor_type, actor_id, reason, created_at)
       SELECT id, version, :from, status, :actorType, :actorId, reason, updated_at
       FROM (${sql}) AS transitions`,
      { ...parameters, from, actorType: actor.type, actorId: actor.id },
    );
    tx.afterCommit(() => this.announce(orders, transition));
  }

  private announce(
    orders: readonly Order[],
    { name, from, actor, reason }: TransitionRecord,
  ): void {
    for (const { id, userId, status } of orders) {
      // The reasons that users write are not logged.
      const shown = actor.type === 'system' ? reasonFor(id, reason) : null;
      this.logger.log({
        msg: `Order ${status}`,
        order_id: id,
        owner_id: userId,
        from,
        to: status,
        ...(shown !== null && { reason: shown }),
      });
    }
    this.events.publish(name, orders);
  }
}

function reasonFor(id: number, reason: TransitionRecord['reason']): string | null {
  return typeof reason === 'string' || reason === null ? reason : (reason.get(id) ?? null);
}
