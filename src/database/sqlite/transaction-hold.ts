import type { Release } from '../../common/semaphore';
import type { SharedConnection } from './shared-connection';
import { TransactionExpiredError } from './sqlite.errors';

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
  private hasEnded = false;
  private isReleased = false;

  /** @param release releases the connection, which the transaction has acquired */
  constructor(
    private readonly connection: SharedConnection,
    private readonly release: Release,
    maxMs: number,
  ) {
    if (maxMs < Infinity) this.expiry = setTimeout(() => this.expire(maxMs), maxMs);
  }

  get isExpired(): boolean {
    return this.expired !== undefined;
  }

  /** @throws TransactionExpiredError when the transaction was rolled back for taking too long */
  async run<T>(sql: string, statement: () => Promise<T>): Promise<T> {
    if (this.expired) throw this.expired;
    this.lastStatement = sql;
    this.runningStatements += 1;
    try {
      return await statement();
    } finally {
      this.runningStatements -= 1;
      this.releaseWhenIdle();
    }
  }

  end(): void {
    clearTimeout(this.expiry);
    this.hasEnded = true;
    this.releaseWhenIdle();
  }

  private expire(maxMs: number): void {
    this.expired = new TransactionExpiredError(maxMs, this.lastStatement);
    this.end();
  }

  /** A statement that has begun, and waits for a subscriber, still needs the connection. */
  private releaseWhenIdle(): void {
    if (!this.hasEnded || this.isReleased || this.runningStatements > 0) return;
    this.isReleased = true;
    this.connection.rollBackIfOpen(this.expired?.message);
    this.release();
  }
}
