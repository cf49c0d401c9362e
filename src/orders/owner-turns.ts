import { Injectable } from '@nestjs/common';
import { boundedCache } from '../common/bounded-cache';
import { largerOf } from '../database/larger-of';
import { namedQuery } from '../database/named-query';
import { SqlExpression } from '../database/returning';
import { SearchStart } from '../database/search-start';
import type { Transaction } from '../database/transactions';

/** How long known turns are relied on, in milliseconds: other instances give and claim turns as well. */
const MAX_AGE_MS = 1_000;

/** For how many owners the last turn is remembered. */
const MAX_OWNERS = 10_000;

/** The last turn of an owner, and when the database has last computed one. */
interface LastTurn {
  readonly turn: number;
  readonly computedAt: number;
}

/**
 * Gives orders their turns, so that processing is fair to all owners: orders are claimed by ascending
 * turn, and an owner gets each turn once. An owner of many orders has many turns, while the first
 * order of another owner gets the current turn, and so waits for about one order of each other owner.
 * (Start-time fair queueing with equal weights, https://doi.org/10.1145/248157.248171.)
 *
 * An owner can get a turn more than once: from several instances, from concurrent requests on
 * PostgreSQL, or when an instance that does not know the last turn gives turns to postponed orders.
 */
@Injectable()
export class OwnerTurns {
  private readonly last = boundedCache<number, LastTurn>(MAX_OWNERS);
  private readonly search = new SearchStart<number, number>(0, (turn) => turn);
  /** The turn of the latest claim, or the lowest pending turn that was read since. */
  private current = 0;
  private checkedAt = -Infinity;
  private loweredAt = -Infinity;

  /**
   * This instance has claimed orders with these turns.
   * @param areFirst no orders with a lower turn were due
   */
  claimed(turns: readonly number[], areFirst: boolean): void {
    if (turns.length > 0) this.setCurrent(Math.max(...turns), areFirst);
  }

  /** Reads the lowest turn that is not claimed, unless the current turn is known. */
  async check({ manager }: Transaction): Promise<void> {
    if (performance.now() - this.checkedAt < MAX_AGE_MS) return;
    const areFirst = this.search.isFullSearchDue;
    const [next] = await this.search.run(async (from) => {
      const rows = await namedQuery<{ turn: number }>(
        manager,
        `SELECT turn FROM orders WHERE status = 'pending' AND turn IS NOT NULL AND turn >= :from
         ORDER BY turn LIMIT 1`,
        { from },
      );
      return rows.map(({ turn }) => turn);
    });
    this.setCurrent(next ?? this.current, areFirst);
  }

  /**
   * The turn of the next order that an owner places, or the SQL that computes it.
   * @param isCertain false when the order may be rejected: it must not use up a turn
   */
  async forNewOrder(
    tx: Transaction,
    ownerId: number,
    isCertain: boolean,
  ): Promise<number | SqlExpression> {
    await this.check(tx);
    return isCertain && this.isFresh(this.last.get(ownerId))
      ? this.take(ownerId)
      : this.afterNewestOrder(tx, ownerId);
  }

  /** Called with the turn that the database has computed for a new order. */
  computed(ownerId: number, turn: number): void {
    const last = this.last.get(ownerId);
    // Concurrent requests may have taken higher turns meanwhile.
    const highest = last && this.isFresh(last) ? Math.max(last.turn, turn) : turn;
    this.last.set(ownerId, { turn: highest, computedAt: performance.now() });
  }

  /** The next turn of an owner, as far as this instance knows. Call {@link check} before. */
  take(ownerId: number): number {
    const turn = this.nextOf(ownerId);
    this.last.set(ownerId, { computedAt: -Infinity, ...this.last.get(ownerId), turn });
    return turn;
  }

  private setCurrent(turn: number, canBeLower: boolean): void {
    this.checkedAt = performance.now();
    if (turn >= this.current) {
      this.current = turn;
    } else if (canBeLower) {
      // An instance that started while no order had a turn began with the first turn again.
      this.current = turn;
      this.loweredAt = this.checkedAt;
    }
  }

  private isFresh(last: LastTurn | undefined): boolean {
    const since = Math.max(this.loweredAt, performance.now() - MAX_AGE_MS);
    return last !== undefined && last.computedAt > since;
  }

  private nextOf(ownerId: number): number {
    return Math.max(this.current, (this.last.get(ownerId)?.turn ?? -1) + 1);
  }

  /**
   * An owner without pending orders gets the current turn or the one after it, also when
   * it had higher turns: cancelled orders do not count.
   */
  private afterNewestOrder({ manager }: Transaction, ownerId: number): SqlExpression {
    const next = this.nextOf(ownerId);
    // Rows are compared, so that PostgreSQL reads one entry of the index on owner and status. With two
    // equalities it could read the orders of all owners by descending age, to find one of this owner.
    const turn = `COALESCE(
      (SELECT ${largerOf(manager.dataSource, 'COALESCE(turn + 1, 0)', ':next')} FROM orders
       WHERE (user_id, status) >= (:ownerId, 'pending') AND (user_id, status) <= (:ownerId, 'pending')
       ORDER BY user_id DESC, status DESC, created_at DESC, id DESC LIMIT 1),
      :withoutPending)`;
    const withoutPending = Math.min(next, this.current + 1);
    return new SqlExpression(turn, { ownerId, next, withoutPending });
  }
}
