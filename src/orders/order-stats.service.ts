import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { databaseTime } from '../database/database-time';
import { indexedBy } from '../database/indexed-by';
import { namedQuery } from '../database/named-query';
import { QUEUE_INDEXES, UNNUMBERED_INDEX } from './order-indexes';
import type { OrderStatus } from './order-status';

/**
 * How many entries of the history without a position, and how many with one that the reader has not read,
 * are added to its counts. With more, the orders are counted.
 */
export const MAX_UNREAD = 5_000;

interface CountRow {
  readonly status: OrderStatus;
  readonly orders: number;
}

interface StatusRow extends CountRow {
  readonly unread: number;
  readonly unnumbered: number;
  /** When the oldest pending order was placed. */
  readonly oldest: string | null;
  readonly now: string;
}

/** Statistics of the orders of all users. */
export interface OrderStats {
  readonly counts: Readonly<Record<OrderStatus, number>>;
  /** In seconds; null when no order is pending. */
  readonly oldestPendingAge: number | null;
}

/**
 * Reads how many orders of all users have each status. The reader of the log keeps the counts
 * (`StatisticsReader`), and the entries that it has not read yet are added, so they include each committed
 * transition. The cost does not depend on the number of orders, unless the reader is far behind. While an old
 * transaction is open, such as a dump, PostgreSQL also reads past the entries that were numbered since it began.
 */
@Injectable()
export class OrderStatsService {
  private readonly sql: string;

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    this.sql = statsStatement(dataSource);
  }

  async get(): Promise<OrderStats> {
    const { manager } = this.dataSource;
    const rows = await namedQuery<StatusRow>(manager, this.sql, { limit: MAX_UNREAD });
    const [first] = rows;
    const isFarBehind =
      first !== undefined && Math.max(first.unread, first.unnumbered) >= MAX_UNREAD;
    const counts = { pending: 0, processing: 0, completed: 0, cancelled: 0, failed: 0 };
    for (const { status, orders } of isFarBehind ? await this.countOrders() : rows) {
      counts[status] = Math.max(0, orders);
    }
    return { counts, oldestPendingAge: first?.oldest ? ageOf(first.oldest, first.now) : null };
  }

  /** The cost grows with the number of orders. */
  private countOrders(): Promise<CountRow[]> {
    const sql = 'SELECT status, COUNT(*) AS orders FROM orders GROUP BY status';
    return namedQuery(this.dataSource.manager, sql, {});
  }
}

/**
 * One statement, so that the counts and the entries that are missing in them belong to the same moment.
 */
function statsStatement(dataSource: DataSource): string {
  const by = (index: string) => indexedBy(dataSource, index);
  return `WITH unread AS MATERIALIZED (
      SELECT from_status, to_status FROM order_history
      WHERE position > (SELECT position FROM log_readers WHERE name = 'statistics')
      ORDER BY position LIMIT :limit
    ), unnumbered AS MATERIALIZED (
      SELECT from_status, to_status FROM order_history ${by(UNNUMBERED_INDEX)}
      WHERE position IS NULL ORDER BY created_at LIMIT :limit
    ), added AS (SELECT * FROM unread UNION ALL SELECT * FROM unnumbered)
    SELECT status, CAST(SUM(orders) AS bigint) AS orders,
      (SELECT COUNT(*) FROM unread) AS unread,
      (SELECT COUNT(*) FROM unnumbered) AS unnumbered,
      (SELECT created_at FROM orders ${by(QUEUE_INDEXES.statusCreatedAt)}
        WHERE status = 'pending' ORDER BY created_at, id LIMIT 1) AS oldest,
      ${databaseTime(dataSource)} AS now
    FROM (
      SELECT status, orders FROM order_counts
      UNION ALL SELECT to_status, 1 FROM added
      UNION ALL SELECT from_status, -1 FROM added WHERE from_status IS NOT NULL
    ) AS steps GROUP BY status`;
}

/** In seconds, by the clock of the database; 0 when that clock was set back since. */
function ageOf(instant: string, now: string): number {
  const milliseconds = new Date(now).getTime() - new Date(instant).getTime();
  return Math.max(0, Math.floor(milliseconds / 1_000));
}
