import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';

/** An open transaction. Functions that write take it as their first argument. */
export interface Transaction {
  /** Its statements belong to the transaction; those of any other manager do not. */
  readonly manager: EntityManager;
  /**
   * Calls back after the commit, in the order of registration; after a rollback, not at all. A promise
   * that the callback returns is not awaited. An error that it throws or rejects with is logged.
   */
  afterCommit(callback: () => unknown): void;
}

/** Runs units of work. Features open transactions here and nowhere else. */
@Injectable()
export class Transactions {
  private readonly logger = new Logger(Transactions.name);

  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Commits what `work` has written, or rolls it back when `work` rejects. On SQLite every other
   * statement waits for the commit: await nothing in `work` but statements of the transaction.
   */
  async run<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    const callbacks: (() => unknown)[] = [];
    const result = await this.dataSource.transaction((manager) =>
      work({ manager, afterCommit: (callback) => void callbacks.push(callback) }),
    );
    for (const callback of callbacks) void this.call(callback);
    return result;
  }

  /** The transaction is committed, so the caller must not see it fail. */
  private async call(callback: () => unknown): Promise<void> {
    try {
      await callback();
    } catch (error) {
      this.logger.error({ msg: 'A callback after a commit failed', err: error });
    }
  }
}
