import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { Clock } from '../common/clock';
import { ShutdownState } from '../common/shutdown-state';
import { isDatabaseUnavailable } from '../database/database.errors';
import { Transactions } from '../database/transactions';
import { ServiceUnavailableError } from '../errors/common.errors';
import type { AdminAction, Outcomes } from './admin-actions';
import { AdminMoves } from './admin-moves';
import { BulkRun, type Move } from './bulk-run';

/**
 * After this time a request begins no more transactions, in milliseconds. One takes up to some seconds,
 * when a hook hangs or the database responds slowly.
 */
const TIME_LIMIT_MS = 20_000;

/** The same while a shutdown waits for the request. */
const TIME_LIMIT_AT_SHUTDOWN_MS = 5_000;

/** The code of an order that was not moved, and may be when the request is sent again. */
const UNAVAILABLE = new ServiceUnavailableError().code;

/** Moves many orders for an admin in short transactions, each order on its own condition. */
@Injectable()
export class BulkMoves {
  private readonly logger = new Logger(BulkMoves.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly moves: AdminMoves,
    private readonly clock: Clock,
    private readonly shutdown: ShutdownState,
  ) {}

  /**
   * @returns the outcome of each order that exists: that of {@link AdminMoves.many}, the code of its error,
   * or `service_unavailable` when it was locked for too long, or the time or the database did not suffice
   * @throws an error of the database when it is unavailable and no outcome is known
   */
  async move(ids: readonly number[], adminId: number, action: AdminAction): Promise<Outcomes> {
    const move: Move = (some, lock) =>
      this.transactions.run(async (tx) => {
        const statuses = await this.moves.statuses(tx.manager, some, lock);
        return this.moves.many(tx, statuses, adminId, action);
      });
    const run = new BulkRun(ids, move, this.timeFromNow());
    try {
      await run.run();
      return new Map([...run.outcomes, ...(await this.unavailable(run.rest))]);
    } catch (error) {
      if (!isDatabaseUnavailable(error) || run.outcomes.size === 0) throw error;
      this.logger.error({ msg: 'The database failed during a bulk request', err: error });
      return new Map([...run.outcomes, ...run.rest.map((id) => [id, UNAVAILABLE] as const)]);
    }
  }

  private timeFromNow(): (share: number) => boolean {
    const start = this.clock.monotonicMs();
    return (share) => {
      const isEnding = this.shutdown.closesConnections;
      const limitMs = isEnding ? TIME_LIMIT_AT_SHUTDOWN_MS : TIME_LIMIT_MS;
      return this.clock.monotonicMs() - start >= share * limitMs;
    };
  }

  /** Those of the orders that exist. */
  private async unavailable(ids: readonly number[]): Promise<Outcomes> {
    if (ids.length === 0) return new Map();
    const statuses = await this.moves.statuses(this.dataSource.manager, ids);
    return new Map(Array.from(statuses.keys(), (id) => [id, UNAVAILABLE]));
  }
}
