import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { largerOf } from '../database/larger-of';
import { namedQuery } from '../database/named-query';
import { SqlExpression } from '../database/returning';
import type { Transaction } from '../database/transactions';

/** How long known turns are relied on, in milliseconds: other instances give and claim turns as well. */
const MAX_AGE_MS = 1_000;

/** For how many owners the last turn is remembered. */
const MAX_OWNERS = 10_000;

/** The last turn of an owner, and when it was last compared with the database. */
interface LastTurn {
  readonly turn: number;
  readonly comparedAt: number;
}

/**
 * Gives orders their turns, so that processing is fair to all owners: orders are claimed by ascending
 * turn, and an owner gets each turn once. Whoever places many orders gets many turns, while the first
 * order of another owner gets the current one, and so waits for about one order of each other owner.
 * (Start-time fair queueing with equal weights, https://doi.org/10.1145/248157.248171.)
 *
 * With several instances, or concurrent requests on PostgreSQL, an owner can get a turn more than
 * once: at most as often as there are connections to the database.
 */
@Injectable()
export class OwnerTurns {
  private readonly last = new LRUCache<number, LastTurn>({ max: MAX_OWNERS });
  private current = 0;
  private checkedAt = -Infinity;

  /** This instance has claimed an order with this turn. */
  reached(turn: number): void {
    this.current = Math.max(this.current, turn);
    this.checkedAt = performance.now();
  }

  /** Reads the lowest turn that is not claimed, unless it is known. */
  async check({ manager }: Transaction): Promise<void> {
    if (performance.now() - this.checkedAt < MAX_AGE_MS) return;
    // The lower bound keeps PostgreSQL from reading past all that were claimed before.
    const [next] = await namedQuery<{ turn: number }>(
      manager,
      `SELECT turn FROM orders WHERE status = 'pending' AND turn IS NOT NULL AND turn >= :current
       ORDER BY turn LIMIT 1`,
      { current: this.current },
    );
    this.reached(next?.turn ?? this.current);
  }

  /** The turn of the next order that an owner places, or the SQL that computes it. */
  async forNewOrder(tx: Transaction, ownerId: number): Promise<number | SqlExpression> {
    await this.check(tx);
    const last = this.last.get(ownerId);
    return last && performance.now() - last.comparedAt < MAX_AGE_MS
      ? this.take(ownerId)
      : this.afterNewestOrder(tx, ownerId);
  }

  /** Called with the turn that the database has computed for a new order. */
  given(ownerId: number, turn: number): void {
    const last = this.last.get(ownerId)?.turn ?? 0;
    this.last.set(ownerId, { turn: Math.max(last, turn), comparedAt: performance.now() });
  }

  /** The next turn of an owner, as far as this instance knows. Call {@link check} before. */
  take(ownerId: number): number {
    const turn = this.nextOf(ownerId);
    this.last.set(ownerId, { comparedAt: -Infinity, ...this.last.get(ownerId), turn });
    return turn;
  }

  private nextOf(ownerId: number): number {
    return Math.max(this.current, (this.last.get(ownerId)?.turn ?? -1) + 1);
  }

  private afterNewestOrder({ manager }: Transaction, ownerId: number): SqlExpression {
    const newest = `SELECT turn FROM orders WHERE user_id = :ownerId AND status = 'pending'
      ORDER BY created_at DESC, id DESC LIMIT 1`;
    const turn = largerOf(manager.dataSource, ':next', `COALESCE((${newest}) + 1, 0)`);
    return new SqlExpression(turn, { ownerId, next: this.nextOf(ownerId) });
  }
}
