import type { GroupedTransaction } from './commit-group';
import { LEFT_OPEN } from './shared-connection';
import { TransactionExpiredError, TransactionLostError } from './sqlite.errors';

/**
 * How long a transaction may hold the connection, in milliseconds. It is shorter than the wait of
 * the other callers, so that they get their turn when a transaction is stuck.
 */
export const MAX_TRANSACTION_MS = 4_000;

/** The time from the outermost BEGIN of a transaction until it ends or expires. */
export class TransactionHold {
  private expired: TransactionExpiredError | undefined;
  private readonly expiry: NodeJS.Timeout | undefined;
  private lastStatement = '';
  private runningStatements = 0;
  private isEnding = false;
  private isAbandoned = false;
  private wake = (): void => undefined;

  constructor(
    private readonly transaction: GroupedTransaction,
    maxMs: number,
  ) {
    if (maxMs < Infinity) this.expiry = setTimeout(() => this.expire(maxMs), maxMs);
  }

  /** True after the commit or rollback, and after it has expired. */
  get hasEnded(): boolean {
    return this.transaction.hasEnded || this.expired !== undefined;
  }

  /**
   * @throws TransactionExpiredError when the transaction was rolled back for taking too long
   * @throws TransactionLostError when it has ended
   */
  async run<T>(sql: string, statement: () => Promise<T>): Promise<T> {
    this.throwIfEnded();
    if (this.isEnding) throw new TransactionLostError();
    this.lastStatement = sql;
    this.runningStatements += 1;
    try {
      return await statement();
    } finally {
      this.runningStatements -= 1;
      this.rollBackWhenIdle();
      if (this.runningStatements === 0) this.wake();
    }
  }

  /** @throws as {@link run}, and the error of the COMMIT */
  async commit(): Promise<void> {
    await this.waitUntilIdle();
    await this.transaction.commit();
  }

  /** @throws TransactionLostError when the transaction has read what was not kept */
  async rollBack(): Promise<void> {
    await this.waitUntilIdle();
    await this.transaction.rollBack();
  }

  /** Rolls the transaction back unless it has ended. */
  abandon(): void {
    clearTimeout(this.expiry);
    this.isAbandoned = true;
    this.rollBackWhenIdle();
  }

  private expire(maxMs: number): void {
    this.expired = new TransactionExpiredError(maxMs, this.lastStatement);
    this.abandon();
    this.wake();
  }

  /** A statement that its caller has not awaited would be executed in the transaction of another one. */
  private async waitUntilIdle(): Promise<void> {
    this.throwIfEnded();
    this.isEnding = true;
    if (this.runningStatements > 0) {
      await new Promise<void>((resolve) => (this.wake = resolve));
      this.throwIfEnded();
    }
    clearTimeout(this.expiry);
  }

  private throwIfEnded(): void {
    if (this.expired) throw this.expired;
    if (this.transaction.hasEnded) throw new TransactionLostError();
  }

  /** A statement that has begun, and waits for a subscriber, still needs the connection. */
  private rollBackWhenIdle(): void {
    if (!this.isAbandoned || this.transaction.hasEnded || this.runningStatements > 0) return;
    // Nobody waits for the outcome: what was written is undone at once.
    this.transaction.rollBack(this.expired?.message ?? LEFT_OPEN).catch(() => undefined);
  }
}
