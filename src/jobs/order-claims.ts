import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager, UpdateQueryBuilder } from 'typeorm';
import { AppConfig } from '../config/app-config';
import { anyOf } from '../database/any-of';
import { databaseTime } from '../database/database-time';
import { executeReturning } from '../database/returning';
import { type Transaction, Transactions } from '../database/transactions';
import { valueRows } from '../database/value-rows';
import { OrderTransitions } from '../orders/order-transitions';
import { Order } from '../orders/order.entity';
import { OwnerTurns } from '../orders/owner-turns';
import { type ClaimedOrder, restrictToHeld } from './claimed-order';
import { DUE_ORDERS, restrictToDue, selectDue } from './due-orders';
import { TurnSearch } from './turn-search';

/** How many orders get their turn in one claim. Giving turns is much faster than processing. */
const TURNS_PER_CLAIM = 1_000;

/** What a renewal found out about a claim. */
export type Renewal =
  /** Another transaction has locked the order, so its lease could not be renewed. */
  'renewed' | 'locked' | 'lost';

/**
 * Claims due orders. A claim holds its order until the lease expires, which can be renewed. Only the
 * lease token of the latest claim ends it, so a worker that lost its lease changes nothing.
 */
@Injectable()
export class OrderClaims {
  private readonly search = new TurnSearch();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly transitions: OrderTransitions,
    private readonly turns: OwnerTurns,
    private readonly config: AppConfig,
  ) {}

  /** Claims up to `limit` due orders by ascending turn, but none that runs alone. */
  claim(limit: number): Promise<ClaimedOrder[]> {
    const sentAt = performance.now();
    return this.transactions.run(async (tx) => {
      await this.giveTurns(tx);
      const orders = await this.search.run(limit, (fromTurn, count) =>
        this.claimDue(tx, 'withTurn', { fromTurn, limit: count }),
      );
      for (const { turn } of orders) this.turns.reached(turn ?? 0);
      return this.toClaimed(orders, sentAt);
    });
  }

  /** Claims an order that runs alone. */
  async claimAlone(): Promise<ClaimedOrder | undefined> {
    const sentAt = performance.now();
    const [order] = await this.transactions.run(async (tx) =>
      this.toClaimed(await this.claimDue(tx, 'alone', { limit: 1 }), sentAt),
    );
    return order;
  }

  /** True when an order is due that runs alone. */
  async isAloneDue(): Promise<boolean> {
    const { condition } = DUE_ORDERS.alone;
    const due = await this.dataSource.query<unknown[]>(
      `SELECT 1 FROM orders WHERE ${condition(databaseTime(this.dataSource))} LIMIT 1`,
    );
    return due.length > 0;
  }

  /**
   * Counts an attempt at each of the orders. It can be repeated when its result is unknown.
   * @returns the orders whose attempt may begin now, with the number of their attempts
   */
  async begin(orders: readonly ClaimedOrder[]): Promise<ClaimedOrder[]> {
    if (orders.length === 0) return [];
    const now = databaseTime(this.dataSource);
    const update = this.update().set({
      attempts: () => 'CASE WHEN begun_at IS NULL THEN attempts + 1 ELSE attempts END',
      begunAt: () => `COALESCE(begun_at, ${now})`,
    });
    const begun = await this.executeHeld(update, orders);
    return orders.flatMap((order) => {
      const row = begun.get(order.id);
      return row ? [Object.assign(order, { attempts: row.attempts })] : [];
    });
  }

  /** Renews the leases of claimed orders. */
  async renew(orders: readonly ClaimedOrder[]): Promise<Map<ClaimedOrder, Renewal>> {
    if (orders.length === 0) return new Map();
    const sentAt = performance.now();
    const expiry = this.leaseExpiry();
    const renewed = await this.executeHeld(
      this.update().set({ leaseExpiresAt: () => expiry }),
      orders,
    );
    const others = orders.filter(({ id }) => !renewed.has(id));
    const held = await this.holding(others);
    for (const order of orders) {
      if (renewed.has(order.id)) order.leaseEndsAt = this.leaseEnd(sentAt);
    }
    return new Map(
      orders.map((order) => [
        order,
        renewed.has(order.id) ? 'renewed' : held.has(order) ? 'locked' : 'lost',
      ]),
    );
  }

  /** @returns those of the orders whose claim is not lost */
  async holding(orders: readonly ClaimedOrder[]): Promise<Set<ClaimedOrder>> {
    if (orders.length === 0) return new Set();
    const [sql, parameters] = anyOf(
      this.dataSource,
      'id',
      orders.map(({ id }) => id),
    );
    const rows = await this.dataSource.manager
      .createQueryBuilder(Order, 'orders')
      .select(['orders.id', 'orders.leaseToken'])
      .where(sql, parameters)
      .getMany();
    const tokens = new Map(rows.map(({ id, leaseToken }) => [id, leaseToken]));
    return new Set(orders.filter(({ id, leaseToken }) => tokens.get(id) === leaseToken));
  }

  private async giveTurns(tx: Transaction): Promise<void> {
    await this.turns.check(tx);
    const { driver } = this.dataSource;
    const due = await tx.manager.query<{ id: number; user_id: number }[]>(
      ...driver.escapeQueryWithParameters(
        selectDue(tx.manager, DUE_ORDERS.withoutTurn, 'id, user_id'),
        { limit: TURNS_PER_CLAIM },
      ),
    );
    if (due.length === 0) return;
    const rows = due.map(({ id, user_id }) => ({ id, turn: this.turns.take(user_id) }));
    const given = valueRows(this.dataSource, { id: 'bigint', turn: 'bigint' }, rows);
    await tx.manager.query(
      ...driver.escapeQueryWithParameters(
        `UPDATE orders SET turn = given.turn FROM (${given.sql}) AS given
         WHERE orders.id = given.id`,
        given.parameters,
      ),
    );
  }

  private claimDue(
    tx: Transaction,
    due: 'withTurn' | 'alone',
    parameters: Readonly<Record<string, number>>,
  ): Promise<Order[]> {
    const expiry = this.leaseExpiry();
    return this.transitions.apply(tx, 'claim', {
      set: () => ({ leaseToken: randomUUID(), leaseExpiresAt: () => expiry }),
      where: (update) => restrictToDue(update, tx.manager, DUE_ORDERS[due], parameters),
    });
  }

  private toClaimed(orders: readonly Order[], sentAt: number): ClaimedOrder[] {
    const leaseEndsAt = this.leaseEnd(sentAt);
    return orders.map((order) => Object.assign(order as ClaimedOrder, { leaseEndsAt }));
  }

  private update(): UpdateQueryBuilder<Order> {
    return this.manager.createQueryBuilder().update(Order);
  }

  private async executeHeld(
    update: UpdateQueryBuilder<Order>,
    orders: readonly ClaimedOrder[],
  ): Promise<Map<number, Order>> {
    const rows = await executeReturning(
      this.manager,
      Order,
      restrictToHeld(update, this.dataSource, orders),
    );
    return new Map(rows.map((row) => [row.id, row]));
  }

  private get manager(): EntityManager {
    return this.dataSource.manager;
  }

  private leaseExpiry(): string {
    return databaseTime(this.dataSource, this.config.processing.leaseSeconds);
  }

  private leaseEnd(sentAt: number): number {
    return sentAt + this.config.processing.leaseSeconds * 1_000;
  }
}
