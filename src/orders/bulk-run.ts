import { Logger } from '@nestjs/common';
import { isDatabaseUnavailable, isLimitedToTransaction } from '../database/database.errors';
import { InternalError } from '../errors/common.errors';
import { DomainError } from '../errors/domain-error';
import type { Outcomes } from './admin-actions';

/** Orders of one transaction. On SQLite, all other statements wait for its commit. */
const BATCH_SIZE = 100;

/** The part of its time that a request spends on batches, before it moves orders one by one. */
const SHARE_OF_BATCHES = 0.5;

type Lock = 'skip' | 'wait';

/** Moves orders in one transaction. Returns the outcomes of those that exist, and with `skip` are not locked. */
export type Move = (ids: readonly number[], lock: Lock) => Promise<Outcomes>;

/** Moves the orders of one request, until its time has passed. */
export class BulkRun {
  private readonly logger = new Logger(BulkRun.name);
  private readonly known = new Map<number, string | null>();
  private lock: Lock = 'skip';

  /** @param hasSpent whether the request has spent a share of its time */
  constructor(
    private readonly ids: readonly number[],
    private readonly move: Move,
    private readonly hasSpent: (share: number) => boolean,
  ) {}

  /** The outcomes of the orders that were moved or rejected. */
  get outcomes(): Outcomes {
    return this.known;
  }

  /** The other ids: those of orders that do not exist, are locked, or were not reached. */
  get rest(): readonly number[] {
    return this.ids.filter((id) => !this.known.has(id));
  }

  /**
   * Moves the orders that no other transaction has locked, and then waits for those that are locked.
   * @throws an error of the database, when it is unavailable; the outcomes of earlier transactions remain
   */
  async run(): Promise<void> {
    await this.moveRest('skip');
    await this.moveRest('wait');
  }

  /**
   * The orders of batches that fail are moved one by one, after the other batches: a hook that hangs delays
   * none of these. It begins in the middle of the time at the latest, as slow hooks let each batch fail.
   */
  private async moveRest(lock: Lock): Promise<void> {
    this.lock = lock;
    const failed: number[] = [];
    for (const batch of batchesOf(this.rest)) {
      const isMoved = !this.hasSpent(SHARE_OF_BATCHES) && (await this.attempt(batch));
      if (!isMoved) failed.push(...batch);
    }
    this.lock = 'skip';
    for (const id of failed) {
      if (this.hasSpent(1)) return;
      await this.attempt([id]);
    }
  }

  /** @returns false when the orders must be moved one by one */
  private async attempt(ids: readonly number[]): Promise<boolean> {
    try {
      for (const [id, code] of await this.move(ids, this.lock)) this.known.set(id, code);
      return true;
    } catch (error) {
      const isTemporary = isLimitedToTransaction(error);
      if (isDatabaseUnavailable(error) && !isTemporary) throw error;
      if (isTemporary) this.lock = 'skip'; // one transaction has waited long enough
      const [id, ...others] = ids;
      if (id === undefined || others.length > 0) return false;
      if (!isTemporary) this.known.set(id, this.codeOf(error, id));
      return true;
    }
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
