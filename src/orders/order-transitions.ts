import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { DataSource, ObjectLiteral, UpdateQueryBuilder } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { anyOf } from '../database/any-of';
import { databaseTime, databaseTimeAfter } from '../database/database-time';
import { columnsOf, hydrate } from '../database/hydrate';
import { isPostgres } from '../database/is-postgres';
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
    const record = { name: 'place', from: null, actor, reason: null } as const;
    await this.record(tx, [order], record);
    tx.afterCommit(() => this.announce([order], record));
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
      // Written so that PostgreSQL finds the orders by their ids. By the index on the status it would
      // read past those that have left the status.
      .where('(status = :from) IS TRUE', { from });
    const record = { name, from, actor: { type: by, id: actorId }, reason } as const;
    const moved = isPostgres(tx.manager.dataSource)
      ? await this.moveAndRecord(tx, where(update), record)
      : await executeReturning(tx.manager, Order, where(update));
    if (moved.length === 0) return moved;
    const orders = moved.toSorted((a, b) => a.id - b.id);
    if (!isPostgres(tx.manager.dataSource)) await this.record(tx, orders, record);
    tx.afterCommit(() => this.announce(orders, record));
    return orders;
  }

  /** One statement, for which PostgreSQL needs less time than for two. */
  private async moveAndRecord(
    { manager }: Transaction,
    update: UpdateQueryBuilder<Order>,
    transition: TransitionRecord,
  ): Promise<Order[]> {
    const entries = insertEntries(manager.dataSource, 'moved', transition);
    const columns = columnsOf(manager, Order);
    const sql = update.returning(columns).getQuery();
    const rows = await namedQuery<ObjectLiteral>(
      manager,
      `WITH moved AS (${sql}), entries AS (${entries.sql}) SELECT ${columns} FROM moved`,
      { ...update.getParameters(), ...entries.parameters },
    );
    return hydrate(manager, Order, rows);
  }

  /** Writes the history entries of orders as they are now, in one statement for any number. */
  private async record(
    { manager }: Transaction,
    orders: readonly Order[],
    transition: TransitionRecord,
  ): Promise<void> {
    const { dataSource } = manager;
    const ids = orders.map(({ id }) => id);
    const [areThese, parameters] = anyOf(dataSource, 'id', ids);
    const source = `(SELECT * FROM orders WHERE ${areThese}) AS moved`;
    const entries = insertEntries(dataSource, source, transition);
    await namedQuery(manager, entries.sql, { ...parameters, ...entries.parameters });
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

/** SQL that writes the history entries of the orders that a table expression `moved` contains. */
function insertEntries(
  dataSource: DataSource,
  moved: string,
  { from, actor, reason }: TransitionRecord,
): SqlExpression {
  const [reasonSql, parameters] = entryReason(dataSource, reason);
  return new SqlExpression(
    `INSERT INTO order_history
       (order_id, sequence, from_status, to_status, actor_type, actor_id, reason, created_at)
     SELECT id, version, :from, status, :actorType, :actorId, ${reasonSql}, updated_at
     FROM ${moved}`,
    { ...parameters, from, actorType: actor.type, actorId: actor.id },
  );
}

function entryReason(
  dataSource: DataSource,
  reason: TransitionRecord['reason'],
): [sql: string, parameters: Record<string, unknown>] {
  if (typeof reason === 'string' || reason === null) return [':reason', { reason }];
  const rows = Array.from(reason, ([order_id, text]) => ({ order_id, reason: text }));
  const columns = { order_id: 'bigint', reason: 'text' } as const;
  const { sql, parameters } = valueRows(dataSource, columns, rows, 'reasons');
  return [`(SELECT reason FROM (${sql}) AS reasons WHERE order_id = moved.id)`, parameters];
}

function reasonFor(id: number, reason: TransitionRecord['reason']): string | null {
  return typeof reason === 'string' || reason === null ? reason : (reason.get(id) ?? null);
}
