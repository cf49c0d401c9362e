import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { isDatabaseUnavailable } from '../database/database.errors';
import { isLockConflict } from '../database/postgres/postgres.errors';
import { Transactions } from '../database/transactions';
import { InternalError, ServiceUnavailableError } from '../errors/common.errors';
import { DomainError } from '../errors/domain-error';
import type { AdminAction, Outcomes } from './admin-actions';
import { AdminMoves } from './admin-moves';
import { OrderNotFoundError } from './orders.errors';

/** Orders of one transaction. On SQLite, all other statements wait for its commit. */
const BATCH_SIZE = 100;

/** The code of an order that another transaction has locked for too long. */
const LOCKED = new ServiceUnavailableError().code;
const MISSING = new OrderNotFoundError().code;

type Lock = 'skip' | 'wait';

/** Moves orders in one transaction. Returns the outcomes of those that exist, and with `skip` are not locked. */
type Move = (ids: readonly number[], lock: Lock) => Promise<Outcomes>;

/** Moves many orders for an admin in short transactions, each order on its own condition. */
@Injectable()
export class BulkMoves {
  private readonly logger = new Logger(BulkMoves.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly moves: AdminMoves,
  ) {}

  /**
   * Orders that another transaction has locked are moved last, so that one of them does not keep the
   * others from being moved. When the database becomes unavailable, earlier batches remain moved.
   * @returns the outcome of each id
   */
  async move(ids: readonly number[], adminId: number, action: AdminAction): Promise<Outcomes> {
    const move: Move = (some, lock) =>
      this.transactions.run(async (tx) => {
        const statuses = await this.moves.statuses(tx.manager, some, lock);
        return this.moves.many(tx, statuses, adminId, action);
      });
    const outcomes = new Map<number, string | null>();
    for (const batch of batchesOf(ids)) {
      for (const [id, code] of await this.moveBatch(batch, 'skip', move)) outcomes.set(id, code);
    }
    const others = ids.filter((id) => !outcomes.has(id));
    return new Map([...outcomes, ...(await this.waitAndMove(others, move))]);
  }

  /** Waits for the locks of other transactions, until one lasts longer than `lock_timeout`. */
  private async waitAndMove(ids: readonly number[], move: Move): Promise<Outcomes> {
    const outcomes = new Map<number, string | null>();
    try {
      for (const batch of batchesOf(ids)) {
        const moved = await this.moveBatch(batch, 'wait', move);
        for (const id of batch) outcomes.set(id, moved.has(id) ? (moved.get(id) ?? null) : MISSING);
      }
    } catch (error) {
      if (!isLockConflict(error)) throw error;
      const rest = ids.filter((id) => !outcomes.has(id));
      const statuses = await this.moves.statuses(this.dataSource.manager, rest);
      for (const id of rest) outcomes.set(id, statuses.has(id) ? LOCKED : MISSING);
    }
    return outcomes;
  }

  /** When a batch fails, its orders are moved one by one: those that fail again keep their status. */
  private async moveBatch(ids: readonly number[], lock: Lock, move: Move): Promise<Outcomes> {
    try {
      return await move(ids, lock);
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw error;
    }
    const outcomes = new Map<number, string | null>();
    for (const id of ids) {
      try {
        for (const [moved, code] of await move([id], lock)) outcomes.set(moved, code);
      } catch (error) {
        if (isDatabaseUnavailable(error)) throw error;
        outcomes.set(id, this.codeOf(error, id));
      }
    }
    return outcomes;
  }

  private codeOf(error: unknown, orderId: number): string {
    if (error instanceof DomainError) return error.code;
    this.logger.error({ msg: 'An order could not be moved', order_id: orderId, err: error });
    return new InternalError().code;
  }
}

function batchesOf(ids: readonly number[]): (readonly number[])[] {
  const count = Math.ceil(ids.length / BATCH_SIZE);
  return Array.from({ length: count }, (_, n) => ids.slice(n * BATCH_SIZE, (n + 1) * BATCH_SIZE));
}
