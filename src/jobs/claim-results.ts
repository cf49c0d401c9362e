import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { databaseTime } from '../database/database-time';
import { type Transaction, Transactions } from '../database/transactions';
import { OrderTransitions } from '../orders/order-transitions';
import type { Order } from '../orders/order.entity';
import { type ClaimedOrder, type Lease, restrictToHeld, valueOfHeld } from './claimed-order';
import { isLastAttempt } from './due-orders';
import { OrderLeases } from './order-leases';

/** How a claim ends. */
export interface ClaimResult {
  readonly order: ClaimedOrder;
  readonly transition: 'complete' | 'postpone' | 'fail' | 'release';
  readonly reason: string | null;
  /** Before a postponed order is due again. */
  readonly delaySeconds?: number;
}

type SetOptions = Parameters<OrderTransitions['apply']>[2]['set'];

/** Ends claims. A claim that was lost before changes nothing. */
@Injectable()
export class ClaimResults {
  constructor(
    private readonly transactions: Transactions,
    private readonly transitions: OrderTransitions,
    private readonly leases: OrderLeases,
    private readonly config: AppConfig,
  ) {}

  /** Completes an order. */
  complete(order: ClaimedOrder): ClaimResult {
    return { order, transition: 'complete', reason: null };
  }

  /** Makes the order pending, due after a delay, or fails it when this was its last attempt. */
  postpone(order: ClaimedOrder, reason: string, delaySeconds: number): ClaimResult {
    return isLastAttempt(order, this.config.processing.maxAttempts)
      ? this.fail(order, reason)
      : { order, transition: 'postpone', reason, delaySeconds: Math.trunc(delaySeconds) };
  }

  fail(order: ClaimedOrder, reason: string): ClaimResult {
    return { order, transition: 'fail', reason };
  }

  /** Makes the order pending, due at once. The attempt does not count. */
  release(order: ClaimedOrder, reason: string): ClaimResult {
    return { order, transition: 'release', reason };
  }

  /**
   * Records results in one transaction.
   * @returns the ids of the orders whose claim has ended. The claims of the others were lost before,
   * or another transaction has locked the order.
   */
  async record(results: readonly ClaimResult[]): Promise<Set<number>> {
    const ended = new Set<number>();
    await this.transactions.run(async (tx) => {
      for (const transition of ['complete', 'postpone', 'fail', 'release'] as const) {
        const group = results.filter((result) => result.transition === transition);
        if (group.length === 0) continue;
        for (const { id } of await this.apply(tx, transition, group)) ended.add(id);
      }
      await this.leases.delete(finishedLeases(results, ended), tx.manager);
    });
    return ended;
  }

  private apply(
    tx: Transaction,
    transition: ClaimResult['transition'],
    results: readonly ClaimResult[],
  ): Promise<Order[]> {
    const { dataSource } = tx.manager;
    return this.transitions.apply(tx, transition, {
      reason:
        transition === 'complete'
          ? null
          : new Map(results.map(({ order, reason }) => [order.id, reason])),
      set: this.setFor(tx, transition),
      where: (update) => restrictToHeld(update, dataSource, results),
    });
  }

  private setFor({ manager }: Transaction, transition: ClaimResult['transition']): SetOptions {
    const { dataSource } = manager;
    switch (transition) {
      case 'complete':
        return (now) => ({ completedAt: () => now });
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
    }
  }
}

/** The leases of which no claim is left after these have ended. */
function finishedLeases(results: readonly ClaimResult[], ended: ReadonlySet<number>): Lease[] {
  const leases = new Set(results.map(({ order }) => order.lease));
  return [...leases].filter(({ open }) => [...open].every((id) => ended.has(id)));
}
