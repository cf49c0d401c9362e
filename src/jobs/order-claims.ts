import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { anyOf } from '../database/any-of';
import { namedQuery } from '../database/named-query';
import { type Transaction, Transactions } from '../database/transactions';
import { valueRows } from '../database/value-rows';
import { OrderTransitions } from '../orders/order-transitions';
import { Order } from '../orders/order.entity';
import { OwnerTurns } from '../orders/owner-turns';
import type { ClaimedOrder, Lease } from './claimed-order';
import { DUE_ORDERS, restrictToDue, selectDue } from './due-orders';
import { OrderLeases } from './order-leases';
import { TurnSearch } from './turn-search';

/** How many orders get their turn in one claim. Giving turns is much faster than processing. */
const TURNS_PER_CLAIM = 1_000;

/**
 * Claims due orders. A claim holds its orders until their lease expires, which can be renewed. Only
 * the lease token of the latest claim ends it, so a worker that lost its lease changes nothing.
 */
@Injectable()
export class OrderClaims {
  private readonly search = new TurnSearch();

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly transitions: OrderTransitions,
    private readonly turns: OwnerTurns,
    private readonly leases: OrderLeases,
  ) {}

  /** Claims up to `limit` due orders by ascending turn, but none that runs alone. */
  claim(limit: number): Promise<ClaimedOrder[]> {
    return this.transactions.run((tx) => this.claimByTurn(tx, limit));
  }

  /** Claims an order that runs alone. */
  claimAlone(): Promise<ClaimedOrder[]> {
    return this.transactions.run((tx) =>
      this.claimUnderLease(tx, (token) => this.claimDue(tx, 'alone', token, { limit: 1 })),
    );
  }

  /** {@link OrderLeases.begin} and {@link claim} in one transaction. */
  beginAndClaim(
    leases: readonly Lease[],
    limit: number,
  ): Promise<{ readonly begun: ReadonlySet<Lease>; readonly claimed: ClaimedOrder[] }> {
    return this.transactions.run(async (tx) => ({
      begun: await this.leases.begin(leases, tx.manager),
      claimed: limit > 0 ? await this.claimByTurn(tx, limit) : [],
    }));
  }

  /** True when an order is due that runs alone. */
  async isAloneDue(): Promise<boolean> {
    const { manager } = this.dataSource;
    const due = await namedQuery(manager, selectDue(manager, DUE_ORDERS.alone), { limit: 1 });
    return due.length > 0;
  }

  /** @returns those of the orders whose claim is not lost */
  async holding(orders: readonly ClaimedOrder[]): Promise<Set<ClaimedOrder>> {
    if (orders.length === 0) return new Set();
    const ids = orders.map(({ id }) => id);
    const [isOne, parameters] = anyOf(this.dataSource, 'id', ids);
    const rows = await namedQuery<{ id: number; lease_token: string | null }>(
      this.dataSource.manager,
      `SELECT id, lease_token FROM orders WHERE ${isOne}`,
      parameters,
    );
    const tokens = new Map(rows.map((row) => [row.id, row.lease_token]));
    return new Set(orders.filter(({ id, lease }) => tokens.get(id) === lease.token));
  }

  private async claimByTurn(tx: Transaction, limit: number): Promise<ClaimedOrder[]> {
    await this.giveTurns(tx);
    return this.claimUnderLease(tx, async (token) => {
      const orders = await this.search.run(limit, (fromTurn, count) =>
        this.claimDue(tx, 'withTurn', token, { fromTurn, limit: count }),
      );
      for (const { turn } of orders) this.turns.reached(turn ?? 0);
      return orders;
    });
  }

  private async giveTurns(tx: Transaction): Promise<void> {
    await this.turns.check(tx);
    const due = await namedQuery<{ id: number; user_id: number }>(
      tx.manager,
      selectDue(tx.manager, DUE_ORDERS.withoutTurn, 'id, user_id'),
      { limit: TURNS_PER_CLAIM },
    );
    if (due.length === 0) return;
    const rows = due.map(({ id, user_id }) => ({ id, turn: this.turns.take(user_id) }));
    const given = valueRows(this.dataSource, { id: 'bigint', turn: 'bigint' }, rows);
    await namedQuery(
      tx.manager,
      `UPDATE orders SET turn = given.turn FROM (${given.sql}) AS given WHERE orders.id = given.id`,
      given.parameters,
    );
  }

  private async claimUnderLease(
    tx: Transaction,
    claim: (token: string) => Promise<Order[]>,
  ): Promise<ClaimedOrder[]> {
    const token = randomUUID();
    const orders = await claim(token);
    if (orders.length === 0) return [];
    const ids = orders.map(({ id }) => id);
    const lease = await this.leases.create(token, ids, tx.manager);
    return orders.map((order) => Object.assign(order, { lease }));
  }

  private claimDue(
    tx: Transaction,
    due: keyof typeof DUE_ORDERS,
    leaseToken: string,
    parameters: Readonly<Record<string, number>>,
  ): Promise<Order[]> {
    return this.transitions.apply(tx, 'claim', {
      set: () => ({ leaseToken, attempts: () => 'attempts + 1' }),
      where: (update) => restrictToDue(update, tx.manager, DUE_ORDERS[due], parameters),
    });
  }
}
