import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { databaseTime } from '../database/database-time';
import { indexedBy } from '../database/indexed-by';
import { namedQuery } from '../database/named-query';
import { skipLocked } from '../database/skip-locked';
import { BEFORE_ALL } from '../database/read-pages';
import { SearchStart } from '../database/search-start';
import { Transactions } from '../database/transactions';
import { updateReturning } from '../database/update-returning';
import { UNNUMBERED_INDEX } from '../orders/order-indexes';
import { LogReader } from './log-reader.entity';

/** How many entries are numbered in one transaction, at most. */
export const NUMBERING_BATCH_SIZE = 500;

/**
 * Entries are usually committed at most this long after their instant, in milliseconds. A search that does not
 * begin at the first entry begins this long before the earliest entry of the last batch.
 */
const USUAL_DELAY_MS = 5_000;

/**
 * The pause between searches from the first entry, in milliseconds, at most. Entries that are committed later than
 * usual wait for such a search.
 */
const MAX_FULL_SEARCH_PAUSE_MS = 10_000;

/** How many entries were numbered, and the latest position; `busy` while another instance numbers them. */
export type Numbered = { readonly entries: number; readonly latest: number } | 'busy';

interface EntryRow {
  readonly created_at: string;
}

interface SearchRow {
  /** When the oldest entry without a position was created. */
  readonly found_at: string | null;
  readonly now: string;
}

/**
 * Assigns positions to the entries of the history after their commit. With positions in the order of the inserts,
 * readers would miss an entry that is committed after a later one.
 *
 * A transaction that numbers entries holds the lock on the row `log` of `log_readers`, so only one does so at a
 * time, and positions become visible in their order, without gaps.
 */
@Injectable()
export class EventNumbering {
  private readonly searches = new SearchStart<string, EntryRow>(
    BEFORE_ALL.createdAt,
    (row) => new Date(Date.parse(row.created_at) - USUAL_DELAY_MS).toISOString(),
    MAX_FULL_SEARCH_PAUSE_MS,
  );
  private readonly searchSql: string;
  private readonly numberingSql: string;
  private readonly lockSql: string;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {
    const search = oldestEntries(dataSource, 1, 'created_at');
    this.searchSql = `SELECT (${search}) AS found_at, ${databaseTime(dataSource)} AS now`;
    this.numberingSql = numberingStatement(dataSource);
    this.lockSql = `SELECT position FROM log_readers WHERE name = 'log' ${skipLocked(dataSource)}`;
  }

  /** True when {@link isNeeded} would find entries that were committed later than usual. */
  get isFullSearchDue(): boolean {
    return this.searches.isFullSearchDue;
  }

  /**
   * Whether an entry has no position. Only reads. The next search, or {@link number}, begins at the entry that it
   * has found, or else at the time of the search.
   */
  async isNeeded(): Promise<boolean> {
    let isFound = false;
    await this.searches.run(async (from) => {
      const { manager } = this.dataSource;
      const [row] = await namedQuery<SearchRow>(manager, this.searchSql, { from });
      isFound = !!row && row.found_at !== null;
      return row ? [{ created_at: row.found_at ?? row.now }] : [];
    });
    return isFound;
  }

  /** Numbers the oldest entries without a position, {@link NUMBERING_BATCH_SIZE} at most. */
  async number(): Promise<Numbered> {
    const from = this.searches.hasMoved ? this.searches.next : await this.latestInstant();
    const numbered = await this.transactions.run(async ({ manager }) => {
      const [log] = await namedQuery<{ position: number }>(manager, this.lockSql, {});
      if (!log) return undefined;
      const rows = await this.numberAfter(manager, log.position, from);
      return { rows, latest: log.position + rows.length };
    });
    if (!numbered) return 'busy';
    const { rows, latest } = numbered;
    this.searches.found(rows);
    return { entries: rows.length, latest };
  }

  /**
   * About when the entry with the latest position was created. While the lock is held, nothing is searched for
   * from the first entry.
   */
  private async latestInstant(): Promise<string> {
    const rows = await namedQuery<EntryRow>(
      this.dataSource.manager,
      'SELECT created_at FROM order_history WHERE position IS NOT NULL ORDER BY position DESC LIMIT 1',
      {},
    );
    this.searches.found(rows);
    return this.searches.next;
  }

  /** A statement of its own after the lock: on PostgreSQL it sees all that was numbered before. */
  private async numberAfter(
    manager: EntityManager,
    position: number,
    from: string,
  ): Promise<EntryRow[]> {
    const rows = await updateReturning<EntryRow>(manager, this.numberingSql, { position, from });
    if (rows.length > 0) {
      await manager.update(LogReader, { name: 'log' }, { position: position + rows.length });
    }
    return rows;
  }
}

/** SQL of the oldest entries without a position, beginning at the instant `from`. */
function oldestEntries(dataSource: DataSource, limit: number, columns: string): string {
  return `SELECT ${columns} FROM order_history ${indexedBy(dataSource, UNNUMBERED_INDEX)}
    WHERE position IS NULL AND created_at >= :from ORDER BY created_at LIMIT ${limit}`;
}

/**
 * SQL that numbers the oldest entries after `position`, by time. Clocks can be set back, but the entries of an
 * order keep their sequence: an entry counts as late as the latest one before it in its order, and the entries
 * before a found one are numbered together with it.
 *
 * `CROSS JOIN` and `COALESCE` keep the planners of SQLite and of PostgreSQL from the index of entries without a
 * position. Its statistics are of a time when it was empty, so they would read it for each order.
 */
function numberingStatement(dataSource: DataSource): string {
  return `WITH oldest AS MATERIALIZED (${oldestEntries(dataSource, NUMBERING_BATCH_SIZE, 'order_id, sequence, created_at')}),
    last AS (SELECT order_id, MAX(sequence) AS sequence FROM oldest GROUP BY order_id),
    timed AS (
      SELECT entry.order_id, entry.sequence,
        MAX(entry.created_at) OVER (PARTITION BY entry.order_id ORDER BY entry.sequence) AS instant
      FROM last CROSS JOIN order_history AS entry
      WHERE entry.order_id = last.order_id AND entry.sequence <= last.sequence
        AND COALESCE(entry.position, 0) = 0
    ),
    numbered AS (
      SELECT order_id, sequence, ROW_NUMBER() OVER (ORDER BY instant, order_id, sequence) AS number
      FROM timed ORDER BY number LIMIT ${NUMBERING_BATCH_SIZE}
    )
    UPDATE order_history
    SET position = :position + numbered.number, user_id = orders.user_id
    FROM numbered JOIN orders ON orders.id = numbered.order_id
    WHERE order_history.order_id = numbered.order_id
      AND order_history.sequence = numbered.sequence
    RETURNING order_history.created_at`;
}
