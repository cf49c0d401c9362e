import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { isPostgres } from './is-postgres';
import { TransactionLostError } from './sqlite/sqlite.errors';

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
  run<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    return this.callAfterCommit(async (afterCommit) => {
      const runner = this.dataSource.createQueryRunner();
      try {
        await runner.startTransaction();
        const result = await work({ manager: runner.manager, afterCommit });
        await runner.commitTransaction();
        return result;
      } catch (error) {
        await rollBack(runner);
        throw error;
      } finally {
        await runner.release();
      }
    });
  }

  /**
   * Like {@link run}, for work whose only write is one statement. PostgreSQL commits it by itself, which
   * saves the round trips that begin and commit a transaction.
   */
  runStatement<Result>(work: (tx: Transaction) => Promise<Result>): Promise<Result> {
    if (!isPostgres(this.dataSource)) return this.run(work);
    const { manager } = this.dataSource;
    return this.callAfterCommit((afterCommit) => work({ manager, afterCommit }));
  }

  /** Calls the callbacks that `commit` was given when it resolves. */
  private async callAfterCommit<Result>(
    commit: (afterCommit: Transaction['afterCommit']) => Promise<Result>,
  ): Promise<Result> {
    const callbacks: (() => unknown)[] = [];
    const result = await commit((callback) => void callbacks.push(callback));
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

/**
 * Does not fail when the database has rolled back by itself, or cannot be reached.
 * @throws TransactionLostError when the work has failed because of rows that SQLite has not kept
 */
async function rollBack(runner: QueryRunner): Promise<void> {
  try {
    await runner.rollbackTransaction();
  } catch (error) {
    if (error instanceof TransactionLostError) throw error;
  }
}
