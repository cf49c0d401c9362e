import type { ObjectLiteral } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { BetterSqlite3QueryRunner } from 'typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner.js';
import type { IsolationLevel } from 'typeorm/driver/types/IsolationLevel.js';
import { type ReportsConnectionWaits, reportWait } from '../connection-waits';
import type { TracesStatements } from '../traced-statements';
import { retryWhileLocked } from './retry-while-locked';
import type { SharedConnection } from './shared-connection';
import { TransactionLostError } from './sqlite.errors';
import { TransactionHold } from './transaction-hold';

/** The statements with which TypeORM begins and ends a transaction. */
const BEGIN = 'BEGIN TRANSACTION';
const COMMIT = 'COMMIT';
const ROLLBACK = 'ROLLBACK';

/**
 * Takes the connection for a single statement, or from the outermost BEGIN until its commit,
 * rollback or release.
 */
export class SingleConnectionQueryRunner extends BetterSqlite3QueryRunner {
  private hold: TransactionHold | undefined;
  private isMigrating = false;

  constructor(
    private readonly observed: BetterSqlite3Driver & ReportsConnectionWaits & TracesStatements,
    private readonly shared: SharedConnection,
    private readonly maxTransactionMs: number,
  ) {
    super(observed);
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
    if (this.hold && sql === BEGIN) return undefined; // begun by `startTransaction`
    return this.traced(sql, () => this.execute(sql, parameters, useStructuredResult));
  }

  /** While the file is locked, the connection is free for other callers, which may only read. */
  override async startTransaction(isolationLevel?: IsolationLevel): Promise<void> {
    if (this.hold) return this.startNested(isolationLevel);
    // A migration may take longer than any request.
    const maxMs = this.isMigrating ? Infinity : this.maxTransactionMs;
    const transaction = await this.traced(BEGIN, () =>
      retryWhileLocked(() => reportWait(this.observed, this.shared.begin(this.isMigrating))),
    );
    this.hold = new TransactionHold(transaction, maxMs);
    try {
      await super.startTransaction(isolationLevel);
    } catch (error) {
      this.endTransaction();
      throw error;
    }
  }

  override async commitTransaction(): Promise<void> {
    await super.commitTransaction();
    if (this.transactionDepth === 0) this.endTransaction();
  }

  /** @throws TransactionLostError when the transaction has read what was not kept */
  override async rollbackTransaction(): Promise<void> {
    const isOutermost = this.transactionDepth <= 1;
    // Its commit failed, it expired, or SQLite rolled it back by itself, as when the disk is full.
    const isRolledBack = this.hold && (this.hold.hasEnded || !this.shared.inTransaction);
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

  private execute(
    sql: string,
    parameters?: unknown[] | ObjectLiteral,
    useStructuredResult?: boolean,
  ): ReturnType<BetterSqlite3QueryRunner['query']> {
    if (this.hold) return this.queryInTransaction(this.hold, sql, parameters, useStructuredResult);
    return retryWhileLocked(async () => {
      const release = await reportWait(this.observed, this.shared.acquire());
      try {
        return await super.query(sql, parameters, useStructuredResult);
      } finally {
        this.shared.rollBackIfOpen();
        release();
      }
    });
  }

  /** The span has the wait for the connection, and that of a COMMIT for its group. */
  private traced<Result>(sql: string, execute: () => Promise<Result>): Promise<Result> {
    return this.observed.tracing.statement('sqlite', sql, execute);
  }

  private async queryInTransaction(
    hold: TransactionHold,
    sql: string,
    ...rest: [parameters?: unknown[] | ObjectLiteral, useStructuredResult?: boolean]
  ): ReturnType<BetterSqlite3QueryRunner['query']> {
    if (sql === COMMIT) return hold.commit();
    if (sql === ROLLBACK) return hold.rollBack();
    return hold.run(sql, async () => {
      if (this.transactionDepth > 0 && !this.shared.inTransaction) throw new TransactionLostError();
      return super.query(sql, ...rest);
    });
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
    this.hold?.abandon();
    this.hold = undefined;
  }
}
