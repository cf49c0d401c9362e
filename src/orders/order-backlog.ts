import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { databaseTime } from '../database/database-time';
import { indexedBy } from '../database/indexed-by';
import { namedQuery } from '../database/named-query';
import { QUEUE_INDEXES, UNNUMBERED_INDEX } from './order-indexes';
import type { OrderStatus } from './order-status';

/** Orders are counted up to this number, so that the cost does not grow with the queue. */
export const MAX_COUNTED = 100_000;

/** Among how many pending orders, those placed first, the oldest due one is looked for. */
const WINDOW_FOR_OLDEST = 1_000;

/** The orders that are not settled, the failed ones, and the transitions that readers of the log cannot see yet. */
export interface Backlog {
  readonly pending: number;
  readonly processing: number;
  readonly failed: number;
  /** In seconds, by the clock of the database; 0 when no order is due. */
  readonly oldestDueAge: number;
  /** In seconds; 0 when all entries of the history have a position. */
  readonly oldestUnnumberedAge: number;
}

/** What is due, and what is being processed. */
export interface DueBacklog {
  readonly due: number;
  readonly processing: number;
  /** In seconds, by the clock of the database; null when no order is due. */
  readonly oldestDueAge: number | null;
  /** The time of the database when it was read. */
  readonly asOf: Date;
}

/**
 * Reads the state of the queue from indexes. The statements read a bounded number of orders, but while an
 * old snapshot is open, PostgreSQL also reads past the index entries of all orders that have changed
 * their status since. So callers pause after a reading, longer when it took longer.
 */
@Injectable()
export class OrderBacklog {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Several short statements: on SQLite, each one blocks the event loop. */
  async read(): Promise<Backlog> {
    return {
      pending: await this.count('pending'),
      processing: await this.count('processing'),
      failed: await this.count('failed'),
      oldestDueAge: await this.oldestDueAge(),
      oldestUnnumberedAge: await this.oldestUnnumberedAge(),
    };
  }

  /** Like {@link read}. */
  async readDue(): Promise<DueBacklog> {
    const { due, asOf } = await this.countDue();
    const oldestDueAge = await this.oldestDueAge();
    return {
      due,
      processing: await this.count('processing'),
      oldestDueAge: due > 0 ? oldestDueAge : null,
      asOf,
    };
  }

  private async count(status: OrderStatus): Promise<number> {
    const [row] = await namedQuery<{ orders: number }>(
      this.dataSource.manager,
      // In the order of the index: PostgreSQL could otherwise read the table, from its oldest rows on.
      `SELECT COUNT(*) AS orders FROM (
         SELECT 1 FROM orders WHERE status = :status ORDER BY created_at, id LIMIT ${MAX_COUNTED}
       ) AS counted`,
      { status },
    );
    return row?.orders ?? 0;
  }

  /**
   * Orders with a turn were due when they got it. Only the release that had no turns could postpone them
   * since.
   */
  private async countDue(): Promise<{ due: number; asOf: Date }> {
    const now = databaseTime(this.dataSource);
    const isDue = `AND next_attempt_at <= ${now}`;
    const [row] = await namedQuery<{ orders: number; now: string }>(
      this.dataSource.manager,
      `SELECT ${now} AS now,
         ${this.countFirst(QUEUE_INDEXES.turn, 'AND turn IS NOT NULL', 'turn')}
         + ${this.countFirst(QUEUE_INDEXES.withoutTurn, `AND turn IS NULL AND NOT runs_alone ${isDue}`)}
         + ${this.countFirst(QUEUE_INDEXES.alone, `AND runs_alone ${isDue}`)} AS orders`,
      {},
    );
    if (!row) throw new TypeError('A SELECT returned no row');
    return { due: Math.min(row.orders, MAX_COUNTED), asOf: new Date(row.now) };
  }

  /** SQL for the number of the first pending orders by an index. */
  private countFirst(index: string, condition: string, orderBy = 'next_attempt_at') {
    return `(SELECT COUNT(*) FROM (
      SELECT 1 FROM ${this.ordersBy(index)} WHERE status = 'pending' ${condition}
      ORDER BY ${orderBy}, id LIMIT ${MAX_COUNTED}
    ) AS counted)`;
  }

  /**
   * No index has the instants of all pending orders. Those without a turn, which were postponed or
   * retried, and those that run alone have one each. The others are due since they were placed, or
   * longer than that; more than {@link WINDOW_FOR_OLDEST} that were placed earlier and became due later
   * make the age too small.
   */
  private async oldestDueAge(): Promise<number> {
    const now = databaseTime(this.dataSource);
    const [row] = await namedQuery<OldestInstant>(
      this.dataSource.manager,
      `SELECT MIN(due_at) AS oldest, ${now} AS now FROM (
         ${this.firstDue(QUEUE_INDEXES.statusCreatedAt, '', 'created_at', WINDOW_FOR_OLDEST)}
         UNION ALL
         ${this.firstDue(QUEUE_INDEXES.withoutTurn, 'AND turn IS NULL AND NOT runs_alone')}
         UNION ALL
         ${this.firstDue(QUEUE_INDEXES.alone, 'AND runs_alone')}
       ) AS candidates WHERE due_at <= ${now}`,
      {},
    );
    return secondsSince(row);
  }

  private async oldestUnnumberedAge(): Promise<number> {
    const history = `order_history ${indexedBy(this.dataSource, UNNUMBERED_INDEX)}`;
    const [row] = await namedQuery<OldestInstant>(
      this.dataSource.manager,
      `SELECT created_at AS oldest, ${databaseTime(this.dataSource)} AS now FROM ${history}
       WHERE position IS NULL ORDER BY created_at LIMIT 1`,
      {},
    );
    return secondsSince(row);
  }

  /** SQL for the earliest instant of the first pending orders by an index. */
  private firstDue(index: string, condition: string, orderBy = 'next_attempt_at', limit = 1) {
    return `SELECT MIN(next_attempt_at) AS due_at FROM (
      SELECT next_attempt_at FROM ${this.ordersBy(index)} WHERE status = 'pending' ${condition}
      ORDER BY ${orderBy}, id LIMIT ${limit}
    ) AS first_orders`;
  }

  private ordersBy(index: string): string {
    return `orders ${indexedBy(this.dataSource, index)}`;
  }
}

interface OldestInstant {
  readonly oldest: string | null;
  readonly now: string;
}

function secondsSince(row: OldestInstant | undefined): number {
  if (!row || row.oldest === null) return 0;
  return Math.max(0, (new Date(row.now).getTime() - new Date(row.oldest).getTime()) / 1_000);
}
