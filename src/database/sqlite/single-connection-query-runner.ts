import type { ObjectLiteral } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { BetterSqlite3QueryRunner } from 'typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner.js';
import type { IsolationLevel } from 'typeorm/driver/types/IsolationLevel.js';
import { retryWhileLocked } from './retry-while-locked';
import type { SharedConnection } from './shared-connection';
import { TransactionLostError } from './sqlite.errors';
import { TransactionHold } from './transaction-hold';

/** The statement with which TypeORM begins a transaction. */
const BEGIN = 'BEGIN TRANSACTION';

/**
 * Takes the connection for a single statement, or from the outermost BEGIN until its commit,
 * rollback or release.
 */
export class SingleConnectionQueryRunner extends BetterSqlite3QueryRunner {
  private hold: TransactionHold | undefined;
  private isMigrating = false;

  constructor(
    driver: BetterSqlite3Driver,
    private readonly shared: SharedConnection,
    private readonly maxTransactionMs: number,
  ) {
    super(driver);
    Object.assign(this, { stmtCache: shared.statements });
  }

  /**
   * @throws DatabaseBusyError when the connection did not become free in time
   * @throws DatabaseLockedError when another process has locked the file
   * @throws DatabaseNotOpenError when the file could not be opened again
   * @throws TransactionLostError when SQLite ended the transaction by itself
   * @throws TransactionExpiredError when the transaction was rolled back for taking too long
   */
  override async query(
    sql: string,
    parameters?: unknown[] | ObjectLiteral,
    useStructuredResult?: boolean,
  ): ReturnType<BetterSqlite3QueryRunner['query']> {
    if (this.hold) {
      return this.hold.run(sql, async () => {
        if (this.transactionDepth > 0 && !this.shared.inTransaction) {
          throw new TransactionLostError();
        }
        // Takes the write lock at once, so that later statements never find the file locked.
        const statement = sql === BEGIN ? 'BEGIN IMMEDIATE' : sql;
        return super.query(statement, parameters, useStructuredResult);
      });
    }
    return retryWhileLocked(async () => {
      const release = await this.shared.acquire();
      try {
        return await super.query(sql, parameters, useStructuredResult);
      } finally {
        this.shared.rollBackIfOpen();
        release();
      }
    });
  }

  /** While the file is locked, the connection is free for other callers, which may only read. */
  override async startTransaction(isolationLevel?: IsolationLevel): Promise<void> {
    if (this.hold) return this.startNested(isolationLevel);
    return retryWhileLocked(async () => {
      const release = await this.shared.acquire();
      // A migration may take longer than any request.
      const maxMs = this.isMigrating ? Infinity : this.maxTransactionMs;
      this.hold = new TransactionHold(this.shared, release, maxMs);
      try {
        await super.startTransaction(isolationLevel);
      } catch (error) {
        this.endTransaction();
        throw error;
      }
    });
  }

  /** After a failed commit the connection stays held: the caller has to roll back or release. */
  override async commitTransaction(): Promise<void> {
    await super.commitTransaction();
    if (this.transactionDepth === 0) this.endTransaction();
  }

  override async rollbackTransaction(): Promise<void> {
    const isOutermost = this.transactionDepth <= 1;
    // It expired, or SQLite rolled it back by itself, as it does when the disk is full.
    const isRolledBack = this.hold && (this.hold.isExpired || !this.shared.inTransaction);
    try {
      if (isRolledBack) this.transactionDepth -= 1;
      else await super.rollbackTransaction();
    } finally {
      if (isOutermost) this.endTransaction();
    }
  }

  override async release(): Promise<void> {
    this.endTransaction();
    this.isReleased = true;
    await super.release();
  }

  override async beforeMigration(): Promise<void> {
    this.isMigrating = true;
    await super.beforeMigration();
  }

  override async afterMigration(): Promise<void> {
    this.isMigrating = false;
    await super.afterMigration();
  }

  private async startNested(isolationLevel?: IsolationLevel): Promise<void> {
    try {
      await super.startTransaction(isolationLevel);
    } catch (error) {
      // TypeORM rolls back the nested transaction that could not begin. Without this increment that
      // would end the outer one, and its next statements would be committed one by one.
      this.transactionDepth += 1;
      throw error;
    }
  }

  private endTransaction(): void {
    this.isTransactionActive = false;
    this.transactionDepth = 0;
    this.hold?.end();
    this.hold = undefined;
  }
}
