import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AppConfig } from '../config/app-config';
import { anyOf } from '../database/any-of';
import { databaseTime } from '../database/database-time';
import { namedQuery } from '../database/named-query';
import { type Transaction, Transactions } from '../database/transactions';
import { type ChangedColumns, OrderTransitions } from '../orders/order-transitions';
import type { MovedOrder } from '../orders/history-entries';
import type { TransitionName } from '../orders/order-status';
import type { TransitionHookError } from '../orders/transition-hook.error';
import { UNEXPECTED_ERROR_REASON, postponementSeconds } from './backoff';
import { type ClaimedOrder, type Lease, restrictToHeld, valueOfHeld } from './claimed-order';
import { attemptsOfSuspect, isLastAttempt } from './due-orders';
import { OrderLeases } from './order-leases';
import { toStorableReason } from './storable-reason';

/** How a claim can end, and the transition of the order. */
const TRANSITION_OF = {
  complete: 'complete',
  postpone: 'postpone',
  fail: 'fail',
  /** The attempt does not count. */
  release: 'release',
  /** The attempt counts, and the order runs alone: it may have been the cause of a shutdown. */
  suspect: 'release',
} as const satisfies Record<string, TransitionName>;

type ResultKind = keyof typeof TRANSITION_OF;

/** How a claim ends. */
export interface ClaimResult {
  readonly order: ClaimedOrder;
  readonly kind: ResultKind;
  readonly reason: string | null;
  /** Whole seconds until a postponed order is due again. */
  readonly delaySeconds?: number;
  /** The hooks of the transition have failed for this order, and are not called again. */
  readonly withoutHooks?: boolean;
}

/** Ends claims. A claim that was lost before changes nothing. */
@Injectable()
export class ClaimResults {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly transitions: OrderTransitions,
    private readonly leases: OrderLeases,
    private readonly config: AppConfig,
  ) {}

  /** Completes an order. */
  complete(order: ClaimedOrder): ClaimResult {
    return { order, kind: 'complete', reason: null };
  }

  /** Makes the order pending, due after a delay, or fails it when this was its last attempt. */
  postpone(order: ClaimedOrder, reason: string, delaySeconds: number): ClaimResult {
    return isLastAttempt(order, this.config.processing.maxAttempts)
      ? this.fail(order, reason)
      : { order, kind: 'postpone', reason, delaySeconds: Math.trunc(delaySeconds) };
  }

  fail(order: ClaimedOrder, reason: string): ClaimResult {
    return { order, kind: 'fail', reason };
  }

  /** Makes the order pending, due at once. The attempt does not count. */
  release(order: ClaimedOrder, reason: string): ClaimResult {
    return { order, kind: 'release', reason };
  }

  /** Releases an order as after a crash, or fails it when it ran alone in its last attempt. */
  suspect(order: ClaimedOrder, reason: string): ClaimResult {
    return order.runsAlone && isLastAttempt(order, this.config.processing.maxAttempts)
      ? this.fail(order, reason)
      : { order, kind: 'suspect', reason };
  }

  /**
   * The result to record instead of one whose hooks have failed. A completion can be vetoed: the order is
   * postponed. The other transitions are made without the hooks: otherwise the order could not leave
   * `processing`, or would be attempted more often than `PROCESSING_MAX_ATTEMPTS` allows.
   */
  afterHookFailure(result: ClaimResult, { veto }: TransitionHookError): ClaimResult {
    if (result.kind !== 'complete') return { ...result, withoutHooks: true };
    return this.postpone(
      result.order,
      toStorableReason(veto?.message ?? UNEXPECTED_ERROR_REASON),
      postponementSeconds(veto?.retryAfterSeconds, result.order.attempts),
    );
  }

  /**
   * Records results in one transaction.
   * @throws TransitionHookError
   * @returns the ids of the orders whose claim has ended. The claims of the others were lost before,
   * or another transaction has locked the order.
   */
  async record(results: readonly ClaimResult[]): Promise<Set<number>> {
    const ended = new Set<number>();
    await this.transactions.run(async (tx) => {
      for (const kind of Object.keys(TRANSITION_OF) as ResultKind[]) {
        const group = results.filter((result) => result.kind === kind);
        if (group.length === 0) continue;
        for (const { id } of await this.apply(tx, kind, group)) ended.add(id);
      }
      await this.leases.delete(finishedLeases(results, ended), tx.manager);
    });
    return ended;
  }

  /** @returns those of the orders whose claim is not lost */
  async holding(orders: readonly ClaimedOrder[]): Promise<Set<ClaimedOrder>> {
    if (orders.length === 0) return new Set();
    const { manager } = this.dataSource;
    const ids = orders.map(({ id }) => id);
    const [isOne, parameters] = anyOf(manager.dataSource, 'id', ids);
    const rows = await namedQuery<{ id: number; lease_token: string | null }>(
      manager,
      `SELECT id, lease_token FROM orders WHERE ${isOne}`,
      parameters,
    );
    const tokens = new Map(rows.map((row) => [row.id, row.lease_token]));
    return new Set(orders.filter(({ id, lease }) => tokens.get(id) === lease.token));
  }

  private apply(
    tx: Transaction,
    kind: ResultKind,
    results: readonly ClaimResult[],
  ): Promise<MovedOrder[]> {
    const { dataSource } = tx.manager;
    return this.transitions.applyToMany(tx, TRANSITION_OF[kind], {
      reason:
        kind === 'complete'
          ? null
          : new Map(results.map(({ order, reason }) => [order.id, reason])),
      set: this.setFor(tx, kind),
      where: (update) => restrictToHeld(update, dataSource, results),
      withoutHooks: idsOf(results.filter((result) => result.withoutHooks)),
    });
  }

  private setFor({ manager }: Transaction, kind: ResultKind): ChangedColumns {
    const { dataSource } = manager;
    switch (kind) {
      case 'complete':
        return (now) => ({ completedAt: () => now, runsAlone: false });
      case 'postpone':
        return () => ({
          nextAttemptAt: () => databaseTime(dataSource, valueOfHeld('delay_seconds')),
          turn: null,
          runsAlone: false,
        });
      case 'fail':
        return () => ({ failureReason: () => valueOfHeld('reason') });
      case 'release':
        return () => ({
          nextAttemptAt: () => databaseTime(dataSource),
          attempts: () => 'attempts - 1',
        });
      case 'suspect':
        return () => ({
          nextAttemptAt: () => databaseTime(dataSource),
          turn: null,
          runsAlone: true,
          attempts: () => attemptsOfSuspect(this.config.processing.maxAttempts),
        });
    }
  }
}

function idsOf(results: readonly ClaimResult[]): ReadonlySet<number> {
  return new Set(results.map(({ order }) => order.id));
}

/** The leases whose claims have all ended, including those that these results have ended. */
function finishedLeases(results: readonly ClaimResult[], ended: ReadonlySet<number>): Lease[] {
  const leases = new Set(results.map(({ order }) => order.lease));
  return [...leases].filter(({ unendedOrderIds }) =>
    [...unendedOrderIds].every((id) => ended.has(id)),
  );
}
