import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { ObjectLiteral, UpdateQueryBuilder } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { Measurements } from '../common/measurements';
import { anyOf } from '../database/any-of';
import { databaseTime, databaseTimeAfter } from '../database/database-time';
import { columnsOf, hydrate } from '../database/hydrate';
import { isPostgres } from '../database/is-postgres';
import { namedQuery } from '../database/named-query';
import { SqlExpression, insertStatement } from '../database/returning';
import type { Transaction } from '../database/transactions';
import { currentRequestId } from '../logging/request-context';
import {
  MOVED_PROPERTIES,
  type MovedOrder,
  type TransitionRecord,
  insertEntries,
} from './history-entries';
import { OrderEvents } from './order-events';
import {
  INITIAL_STATUS,
  TRANSITIONS,
  type TransitionName,
  assertStatusGraphIsSound,
} from './order-status';
import { Order } from './order.entity';
import { OwnerTurns } from './owner-turns';
import { transitionLine } from './transition-line';

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
    private readonly measurements: Measurements,
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
    const { manager } = tx;
    const now = () => databaseTime(manager.dataSource);
    const turn = await this.turns.forNewOrder(tx, values.userId, !condition);
    const requestId = currentRequestId() ?? null;
    const row = {
      ...values,
      requestId,
      status: INITIAL_STATUS,
      version: 1,
      attempts: 0,
      turn,
      nextAttemptAt: now,
      createdAt: now,
      updatedAt: now,
    };
    const insert = insertStatement<Order>(manager, Order, row, condition);
    const actor = { type: 'user', id: values.userId } as const;
    const record = { name: 'place', from: null, actor, reason: null, requestId } as const;
    const [order] = await this.writeAndRecord<Order>(tx, insert, record);
    if (!order) return undefined;
    if (turn instanceof SqlExpression) this.turns.computed(order.userId, Number(order.turn));
    tx.afterCommit(() => this.announce([order], record));
    return order;
  }

  /**
   * Moves every order that `where` selects and that is in the first status of the transition.
   * @returns the moved orders, oldest first; none when another transition was faster
   */
  apply<Name extends TransitionName>(
    tx: Transaction,
    name: Name,
    options: TransitionOptions & ActorId<Name>,
  ): Promise<Order[]> {
    return this.move<Order>(tx, name, options);
  }

  /** Does the same as {@link apply}. The orders are not read as a whole, which takes long for many. */
  applyToMany<Name extends TransitionName>(
    tx: Transaction,
    name: Name,
    options: TransitionOptions & ActorId<Name>,
  ): Promise<MovedOrder[]> {
    return this.move<MovedOrder>(tx, name, options, MOVED_PROPERTIES);
  }

  /** @param properties those of `Moved`; undefined: all of an order */
  private async move<Moved extends MovedOrder>(
    tx: Transaction,
    name: TransitionName,
    { reason = null, set, where, actorId = null }: TransitionOptions & { actorId?: number | null },
    properties?: typeof MOVED_PROPERTIES,
  ): Promise<Moved[]> {
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
      // Written so that PostgreSQL finds the orders by their ids. By the index on the status it would
      // read past those that have left the status.
      .where('(status = :from) IS TRUE', { from });
    const requestId = by === 'system' ? null : (currentRequestId() ?? null);
    const record = { name, from, actor: { type: by, id: actorId }, reason, requestId } as const;
    const move = where(update).returning(columnsOf(tx.manager, Order, properties));
    const sql = new SqlExpression(move.getQuery(), move.getParameters());
    const moved = await this.writeAndRecord<Moved>(tx, sql, record, properties);
    if (moved.length === 0) return moved;
    const orders = moved.toSorted((a, b) => a.id - b.id);
    tx.afterCommit(() => this.announce(orders, record));
    return orders;
  }

  /**
   * Executes a statement that returns the orders it has written, and writes their history entries. On
   * PostgreSQL that is one statement: it needs less time than two, and no other round trip.
   */
  private async writeAndRecord<Written extends MovedOrder>(
    tx: Transaction,
    write: SqlExpression,
    transition: TransitionRecord,
    properties?: typeof MOVED_PROPERTIES,
  ): Promise<Written[]> {
    const { manager } = tx;
    if (!isPostgres(manager.dataSource)) {
      const rows = await namedQuery<ObjectLiteral>(manager, write.sql, write.parameters);
      const orders = hydrate<MovedOrder>(manager, Order, rows, properties) as Written[];
      if (orders.length > 0) await this.record(tx, orders, transition);
      return orders;
    }
    const entries = insertEntries(manager.dataSource, 'moved', transition);
    const columns = columnsOf(manager, Order, properties);
    const rows = await namedQuery<ObjectLiteral>(
      manager,
      `WITH moved AS (${write.sql}), entries AS (${entries.sql}) SELECT ${columns} FROM moved`,
      { ...write.parameters, ...entries.parameters },
    );
    return hydrate<MovedOrder>(manager, Order, rows, properties) as Written[];
  }

  /** Writes the history entries of orders as they are now, in one statement for any number. */
  private async record(
    { manager }: Transaction,
    orders: readonly MovedOrder[],
    transition: TransitionRecord,
  ): Promise<void> {
    const { dataSource } = manager;
    const ids = orders.map(({ id }) => id);
    const [areThese, parameters] = anyOf(dataSource, 'id', ids);
    const source = `(SELECT * FROM orders WHERE ${areThese}) AS moved`;
    const entries = insertEntries(dataSource, source, transition);
    await namedQuery(manager, entries.sql, { ...parameters, ...entries.parameters });
  }

  private announce(orders: readonly MovedOrder[], record: TransitionRecord): void {
    const { name, from } = record;
    for (const order of orders) this.logger.log(transitionLine(order, record));
    const to = name === 'place' ? INITIAL_STATUS : TRANSITIONS[name].to;
    this.measurements.ordersMoved(from, to, orders.length);
    this.events.publish(record, orders);
  }
}
