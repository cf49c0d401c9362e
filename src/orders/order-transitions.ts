import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { UpdateQueryBuilder } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { Measurements } from '../common/measurements';
import { databaseTime, databaseTimeAfter } from '../database/database-time';
import { columnsOf } from '../database/hydrate';
import { SqlExpression, insertStatement } from '../database/returning';
import type { Transaction } from '../database/transactions';
import { currentRequestId } from '../logging/request-context';
import { MOVED_PROPERTIES, type MovedOrder, type TransitionRecord } from './history-entries';
import type { Metadata } from './metadata';
import type { HookedTransition } from './on-transition.decorator';
import { OrderEvents } from './order-events';
import { insertMetadata } from './order-metadata-rows';
import {
  INITIAL_STATUS,
  TRANSITIONS,
  type TransitionName,
  assertStatusGraphIsSound,
  kindOf,
} from './order-status';
import { type OrderWrite, writeAndRecord } from './order-write';
import { Order } from './order.entity';
import { OwnerTurns } from './owner-turns';
import { TransitionHooks } from './transition-hooks';
import { transitionLine } from './transition-line';

/** The properties of an order that its owner chooses. */
export interface NewOrder extends Pick<Order, 'userId' | 'productName' | 'amountMinor'> {
  /** No other order of the user may have it: a unique index rejects the INSERT. */
  readonly reference?: string | undefined;
  readonly metadata?: Metadata | undefined;
}

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
  /** The ids of orders that move without their hooks. */
  readonly withoutHooks?: ReadonlySet<number>;
}

/** The columns that change together with a status. */
export type ChangedColumns = TransitionOptions['set'];

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
    private readonly hooks: TransitionHooks,
  ) {}

  onModuleInit(): void {
    assertStatusGraphIsSound();
  }

  /** With hooks of `place`, {@link place} needs a transaction. */
  hasHooks(transition: HookedTransition): boolean {
    return this.hooks.has(transition);
  }

  /**
   * Places an order, and opens its history.
   * @param condition is part of the INSERT
   * @returns undefined when the condition is not met
   * @throws the error with which a hook has vetoed it
   */
  async place(
    tx: Transaction,
    values: NewOrder,
    condition?: SqlExpression,
  ): Promise<Order | undefined> {
    const { manager } = tx;
    const now = () => databaseTime(manager.dataSource);
    const { metadata = {}, ...chosen } = values;
    const hasMetadata = Object.keys(metadata).length > 0;
    const isCertain = !condition && chosen.reference === undefined && !this.hooks.has('place');
    const turn = await this.turns.forNewOrder(tx, values.userId, isCertain);
    const requestId = currentRequestId() ?? null;
    const row = {
      ...chosen,
      ...(hasMetadata && { metadataVersion: 1 }),
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
    const write = {
      sql: insert,
      more: (moved: string) =>
        hasMetadata ? [insertMetadata(manager.dataSource, moved, metadata)] : [],
    };
    const [order] = await this.hooks.runWith(tx, record, (inner) =>
      this.writeAndAnnounce<Order>(inner, write, record),
    );
    if (!order) return undefined;
    if (turn instanceof SqlExpression) this.turns.computed(order.userId, Number(order.turn));
    return order;
  }

  /**
   * Moves every order that `where` selects and that is in the first status of the transition.
   * @returns the moved orders, oldest first; none when another transition was faster
   * @throws the error with which a hook has vetoed it; a TransitionHookError when the job causes it
   */
  apply<Name extends TransitionName>(
    tx: Transaction,
    name: Name,
    options: TransitionOptions & ActorId<Name>,
  ): Promise<Order[]> {
    return this.move<Order>(tx, name, options);
  }

  /**
   * Does the same as {@link apply}. The orders are not read as a whole, which takes long for many, unless
   * the transition has hooks.
   */
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
    options: TransitionOptions & { readonly actorId?: number | null },
    properties?: typeof MOVED_PROPERTIES,
  ): Promise<Moved[]> {
    const { reason = null, set, where, actorId = null, withoutHooks } = options;
    const { from, to, by } = TRANSITIONS[name];
    const kind = kindOf(name);
    const read = this.hooks.has(kind) ? undefined : properties;
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
    const actor = { type: by, id: actorId } as const;
    const record = { name: kind, from, actor, reason, requestId } as const;
    const move = where(update).returning(columnsOf(tx.manager, Order, read));
    const sql = new SqlExpression(move.getQuery(), move.getParameters());
    const write = { sql, properties: read };
    return this.hooks.runWith(
      tx,
      record,
      (inner) => this.writeAndAnnounce<Moved>(inner, write, record),
      withoutHooks,
    );
  }

  private async writeAndAnnounce<Written extends MovedOrder>(
    tx: Transaction,
    write: OrderWrite,
    record: TransitionRecord,
  ): Promise<Written[]> {
    const written = await writeAndRecord<Written>(tx.manager, write, record);
    if (written.length === 0) return written;
    const orders = written.toSorted((a, b) => a.id - b.id);
    tx.afterCommit(() => this.announce(orders, record));
    return orders;
  }

  private announce(orders: readonly MovedOrder[], record: TransitionRecord): void {
    const { name, from } = record;
    for (const order of orders) this.logger.log(transitionLine(order, record));
    const to = name === 'place' ? INITIAL_STATUS : TRANSITIONS[name].to;
    this.measurements.ordersMoved(from, to, orders.length);
    this.events.publish(record, orders);
  }
}
