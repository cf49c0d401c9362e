import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Transactions } from '../database/transactions';
import { entriesOf, lastPositionOf, readLoggedSteps } from './logged-steps';
import { addSteps, readReaderPosition, tryToLockStatistics } from './statistics-tables';

/** How many entries are counted in one transaction, at most. */
export const STATISTICS_BATCH_SIZE = 2_000;

/** What a step of the reader has done; `busy` while another instance counts. */
export type Counted =
  | {
      /** The new position of the reader. */
      readonly position: number;
      /** False when further entries follow. */
      readonly isAtEnd: boolean;
    }
  | 'busy';

/**
 * Reads the log, and keeps how many orders have each status, and how many were completed and failed per
 * minute. One transaction locks its row, and writes the numbers and the position, so each entry is counted
 * once, also after a crash, and instances count in turn.
 */
@Injectable()
export class StatisticsReader {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** Whether there are positions that were not read. It reads only. */
  async isNeeded(): Promise<boolean> {
    const { position, latest } = await readReaderPosition(this.dataSource.manager);
    return position < latest;
  }

  /** Counts the next entries, {@link STATISTICS_BATCH_SIZE} at most. */
  advance(): Promise<Counted> {
    return this.transactions.run(async ({ manager }) => {
      const reader = await tryToLockStatistics(manager);
      if (!reader) return 'busy';
      const { position: after, latest } = reader;
      // A statement of its own after the lock: on PostgreSQL it sees all entries up to the latest position.
      const steps = await readLoggedSteps(manager, { after, limit: STATISTICS_BATCH_SIZE });
      const isAtEnd = entriesOf(steps) < STATISTICS_BATCH_SIZE;
      const last = lastPositionOf(steps) ?? after;
      // Positions without an entry were deleted by `retention`.
      const position = isAtEnd ? Math.max(last, latest) : last;
      if (position > after) await addSteps(manager, steps, position);
      return { position, isAtEnd };
    });
  }
}
