import { randomUUID } from 'node:crypto';
import { setImmediate as nextLoopIteration } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Measurements } from '../common/measurements';
import { namedQuery } from '../database/named-query';
import { useGenericPlans } from '../database/postgres/generic-plans';
import { SearchStart } from '../database/search-start';
import { type Transaction, Transactions } from '../database/transactions';
import { valueRows } from '../database/value-rows';
import { OrderTransitions } from '../orders/order-transitions';
import { Order } from '../orders/order.entity';
import { OwnerTurns } from '../orders/owner-turns';
import type { TransitionHookError } from '../orders/transition-hook.error';
import type { ClaimedOrder, Lease } from './claimed-order';
import {
  DUE_ORDERS,
  type DueOrders,
  ONE_DUE_ORDER,
  restrictToDue,
  selectDue,
  selectDueByOwner,
} from './due-orders';
import { HookIsolation } from './hook-failures';
import { OrderLeases } from './order-leases';
import { ProcessingControl } from './processing-control';

/** How many orders get their turn in one transaction, at most. */
const TURNS_PER_TRANSACTION = 1_000;

/** Among how many due orders turns are given at once: twice as many as an owner can have open by default. */
const WINDOW_FOR_TURNS = 20_000;

/** The time limit for giving turns before a claim, in milliseconds. */
const MAX_GIVING_MS = 100;

const FIRST_TURN = 0;

/** An order that is due and has no turn yet. */
interface OrderWithoutTurn {
  readonly id: number;
  readonly user_id: number;
  /** When the first order of the window became due. */
  readonly first_due_at: string;
}

/**
 * Claims due orders. A claim holds its orders until their lease expires, which can be renewed. Only
 * the lease token of the latest claim ends it, so a worker that lost its lease changes nothing.
 * While processing is paused, no order is claimed.
 */
@Injectable()
export class OrderClaims {
  private readonly withTurn = new SearchStart<number, Order>(FIRST_TURN, turnOf);
  private readonly withoutTurn = new SearchStart<string, OrderWithoutTurn>(
    new Date(0).toISOString(),
    ({ first_due_at }) => first_due_at,
  );
  private readonly hooks = new HookIsolation();
  private readonly hooksOfLoneClaims = new HookIsolation();
  private areTurnsMissing = false;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly transitions: OrderTransitions,
    private readonly turns: OwnerTurns,
    private readonly leases: OrderLeases,
    private readonly control: ProcessingControl,
    private readonly measurements: Measurements,
  ) {}

  /** Claims up to `limit` due orders by ascending turn, but none that runs alone. */
  async claim(limit: number): Promise<ClaimedOrder[]> {
    return (await this.beginAndClaim([], limit)).claimed;
  }

  /** Claims an order that runs alone. */
  async claimAlone(): Promise<ClaimedOrder[]> {
    return this.hooksOfLoneClaims.run(1, async (limit, failure) => {
      if (await this.control.isPaused()) return [];
      return this.transactions.run((tx) =>
        failure
          ? this.claimAfterFailure(tx, failure)
          : this.claimUnderLease(tx, (token) =>
              this.claimDue(tx, DUE_ORDERS.alone, token, { limit }),
            ),
      );
    });
  }

  /** Begins claims, see {@link OrderLeases.begin}, and claims more orders, in one transaction. */
  async beginAndClaim(
    leases: readonly Lease[],
    maxOrders: number,
  ): Promise<{ readonly begun: ReadonlySet<Lease>; readonly claimed: ClaimedOrder[] }> {
    const limit = (await this.control.isPaused()) ? 0 : maxOrders;
    if (limit === 0 && leases.length === 0) return { begun: new Set(), claimed: [] };
    if (limit > 0) await this.giveManyTurns();
    return this.hooks.run(limit, async (size, failure) => {
      // Hooks that fail can take seconds before the next try.
      const isClaimAllowed = size > 0 && !(await this.control.isPaused());
      return this.transactions.run(async (tx) => {
        await useGenericPlans(tx.manager);
        const begun = await this.leases.begin(leases, tx.manager);
        if (!isClaimAllowed) return { begun, claimed: [] };
        const failed = failure ? await this.claimAfterFailure(tx, failure) : [];
        return { begun, claimed: failed.length > 0 ? failed : await this.claimByTurn(tx, size) };
      });
    });
  }

  /**
   * The id of the first order that is due and runs alone. Like {@link claimAlone} it skips locked
   * orders: an order that cannot be claimed would make the processor check again without a pause.
   */
  async findAlone(): Promise<number | undefined> {
    const { manager } = this.dataSource;
    const sql = selectDue(manager, DUE_ORDERS.alone);
    const [order] = await namedQuery<{ id: number }>(manager, sql, { limit: 1 });
    return order?.id;
  }

  private async claimByTurn(tx: Transaction, limit: number): Promise<ClaimedOrder[]> {
    const isFull = this.withoutTurn.isFullSearchDue;
    await this.giveTurns(tx);
    const claimed = await this.claimFirst(tx, limit);
    if (claimed.length > 0 || isFull) return claimed;
    return (await this.giveTurns(tx, { isFull: true })) ? this.claimFirst(tx, limit) : [];
  }

  private claimFirst(tx: Transaction, limit: number): Promise<ClaimedOrder[]> {
    return this.claimUnderLease(tx, async (token) => {
      const claim = async (from: number) => {
        const parameters = { fromTurn: from, limit };
        const orders = await this.claimDue(tx, DUE_ORDERS.withTurn, token, parameters);
        const turns = orders.map(turnOf);
        this.turns.claimed(turns, from === FIRST_TURN);
        return orders;
      };
      const isFull = this.withTurn.isFullSearchDue;
      const orders = await this.withTurn.run(claim);
      return orders.length > 0 || isFull ? orders : this.withTurn.runFull(claim);
    });
  }

  /**
   * Gives turns in transactions of their own while more orders wait for one than a claim gives. Those
   * that became due last may be of an owner who has no turn yet. With hooks all turns are given here: a hook
   * that fails would roll them back, and the owners would get later ones.
   */
  private async giveManyTurns(): Promise<void> {
    const deadline = performance.now() + MAX_GIVING_MS;
    if (this.transitions.hasHooks('claim')) await this.transactions.run((tx) => this.giveTurns(tx));
    while (this.areTurnsMissing && performance.now() < deadline) {
      await this.transactions.run((tx) => this.giveTurns(tx));
      await nextLoopIteration(); // SQLite is synchronous: without a pause, no request would be served
    }
  }

  /**
   * Gives turns to orders of all owners alike, so that none waits until the many of another have theirs.
   * @returns false when no order is due without a turn
   */
  private async giveTurns(tx: Transaction, { isFull = false } = {}): Promise<boolean> {
    await this.turns.check(tx);
    const find = (from: string) =>
      namedQuery<OrderWithoutTurn>(
        tx.manager,
        selectDueByOwner(tx.manager, DUE_ORDERS.withoutTurn),
        { dueSince: from, window: WINDOW_FOR_TURNS, limit: TURNS_PER_TRANSACTION },
      );
    const due = await (isFull ? this.withoutTurn.runFull(find) : this.withoutTurn.run(find));
    this.areTurnsMissing = due.length === TURNS_PER_TRANSACTION;
    if (due.length === 0) return false;
    const rows = due.map(({ id, user_id }) => ({ id, turn: this.turns.take(user_id) }));
    const given = valueRows(this.dataSource, { id: 'bigint', turn: 'bigint' }, rows);
    await namedQuery(
      tx.manager,
      `UPDATE orders SET turn = given.turn FROM (${given.sql}) AS given WHERE orders.id = given.id`,
      given.parameters,
    );
    return true;
  }

  /**
   * Claims an order whose hooks have failed without calling them, so that its attempt can fail.
   * @returns none when the order is not due any more
   */
  private async claimAfterFailure(
    tx: Transaction,
    failure: TransitionHookError,
  ): Promise<ClaimedOrder[]> {
    const { orderId: id } = failure;
    const claimed = await this.claimUnderLease(tx, (token) =>
      this.claimDue(tx, ONE_DUE_ORDER, token, { id, limit: 1 }, new Set([id])),
    );
    return claimed.map((order) => Object.assign(order, { hookFailure: failure }));
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
    tx.afterCommit(() => this.measureWaits(orders));
    return orders.map((order) => Object.assign(order, { lease }));
  }

  /** Measures first claims only: these orders were due when they were placed. */
  private measureWaits(claimed: readonly Order[]): void {
    for (const { version, createdAt, updatedAt } of claimed) {
      if (version !== VERSION_OF_FIRST_CLAIM) continue;
      this.measurements.orderClaimed((updatedAt.getTime() - createdAt.getTime()) / 1_000);
    }
  }

  private claimDue(
    tx: Transaction,
    due: DueOrders,
    leaseToken: string,
    parameters: Readonly<Record<string, number | string>>,
    withoutHooks?: ReadonlySet<number>,
  ): Promise<Order[]> {
    return this.transitions.apply(tx, 'claim', {
      set: () => ({ leaseToken, attempts: () => 'attempts + 1' }),
      where: (update) => restrictToDue(update, tx.manager, due, parameters),
      withoutHooks,
    });
  }
}

/** A claim is the second transition of an order that was never claimed before. */
const VERSION_OF_FIRST_CLAIM = 2;

function turnOf({ turn }: Order): number {
  return turn ?? FIRST_TURN;
}
