import type { ObjectLiteral } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import type { IsolationLevel } from 'typeorm/driver/types/IsolationLevel.js';
import { BetterSqlite3QueryRunner } from 'typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner.js';
import { TransactionExpiredError, TransactionLostError } from '../database.errors';
import type { Leave } from './fifo-gate';
import { retryWhileLocked } from './retry-while-locked';

/** What the runners of one driver share. */
export interface SharedConnection {
  readonly databaseConnection: { readonly inTransaction: boolean };
  /** How long a transaction may hold the connection, in milliseconds. */
  readonly maxTransactionMs: number;
  /** Prepared statements by their SQL. They belong to the connection. */
  readonly statements: Map<string, unknown>;
  /** Waits for the connection. */
  enter(): Promise<Leave>;
  /** Makes sure that no transaction is open when the connection goes to the next caller. */
  settle(): void;
}

/** The statement with which TypeORM begins a transaction. */
const BEGIN = 'BEGIN TRANSACTION';

/** Takes the write lock at once, so that later statements never find the file locked. */
const BEGIN_IMMEDIATE = 'BEGIN IMMEDIATE';

/**
 * Takes the connection for a single statement, or from the outermost BEGIN until its commit,
 * rollback or release.
 */
export class SingleConnectionQueryRunner extends BetterSqlite3QueryRunner {
  declare driver: BetterSqlite3Driver & SharedConnection;

  /** Set while this runner holds the connection for a transaction. */
  private leaveGate: Leave | undefined;

  /** Set from the moment when the transaction has held the connection for too long. */
  private expired: TransactionExpiredError | undefined;
  private expiry: NodeJS.Timeout | undefined;

  private lastStatement = '';
  private runningStatements = 0;
  /** True when the connection is to be freed at the end of the statements that are running. */
  private freesLater = false;
  private isMigrating = false;

  constructor(driver: BetterSqlite3Driver & SharedConnection) {
    super(driver);
    Object.assign(this, { stmtCache: driver.statements });
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
    if (this.expired) throw this.expired;
    if (this.leaveGate) return this.queryInTransaction(sql, parameters, useStructuredResult);
    return retryWhileLocked(async () => {
      const leave = await this.driver.enter();
      try {
        return await super.query(sql, parameters, useStructuredResult);
      } finally {
        this.driver.settle();
        leave();
      }
    });
  }

  /** While the file is locked, the connection is free for others, who may want to read. */
  override async startTransaction(isolationLevel?: IsolationLevel): Promise<void> {
    if (this.expired || this.leaveGate) return this.startNested(isolationLevel);
    return retryWhileLocked(async () => {
      this.leaveGate = await this.driver.enter();
      this.limitTransaction();
      try {
        await super.startTransaction(isolationLevel);
      } catch (error) {
        this.endTransaction();
        throw error;
      }
    });
  }

  /** When this fails the connection stays held: the caller still has to roll back or release. */
  override async commitTransaction(): Promise<void> {
    await super.commitTransaction();
    if (this.transactionDepth === 0) this.endTransaction();
  }

  override async rollbackTransaction(): Promise<void> {
    const isOutermost = this.transactionDepth <= 1;
    try {
      if (this.expired || (this.leaveGate && !this.connectionIsInTransaction())) {
        // It is rolled back already; SQLite does that by itself when the disk is full.
        this.transactionDepth -= 1;
      } else {
        await super.rollbackTransaction();
      }
    } finally {
      if (isOutermost) this.endTransaction();
    }
  }

  override async release(): Promise<void> {
    this.endTransaction();
    this.isReleased = true;
    await super.release();
  }

  /** A migration may take longer than any request. */
  override async beforeMigration(): Promise<void> {
    this.isMigrating = true;
    clearTimeout(this.expiry);
    await super.beforeMigration();
  }

  override async afterMigration(): Promise<void> {
    this.isMigrating = false;
    await super.afterMigration();
  }

  private async startNested(isolationLevel?: IsolationLevel): Promise<void> {
    try {
      if (this.expired) throw this.expired;
      await super.startTransaction(isolationLevel);
    } catch (error) {
      // TypeORM rolls back what could not begin. Counted, it does not end the outer transaction,
      // whose next statements would be committed one by one.
      this.transactionDepth += 1;
      throw error;
    }
  }

  private async queryInTransaction(
    sql: string,
    parameters?: unknown[] | ObjectLiteral,
    useStructuredResult?: boolean,
  ): ReturnType<BetterSqlite3QueryRunner['query']> {
    if (this.transactionDepth > 0 && !this.connectionIsInTransaction()) {
      throw new TransactionLostError();
    }
    this.lastStatement = sql;
    this.runningStatements += 1;
    try {
      return await super.query(
        sql === BEGIN ? BEGIN_IMMEDIATE : sql,
        parameters,
        useStructuredResult,
      );
    } finally {
      this.runningStatements -= 1;
      if (this.freesLater) this.freeConnection();
    }
  }

  private limitTransaction(): void {
    if (this.isMigrating) return;
    const { maxTransactionMs } = this.driver;
    this.expiry = setTimeout(() => this.expire(maxTransactionMs), maxTransactionMs);
  }

  /** Statements that follow are refused, until the caller rolls back or releases. */
  private expire(heldMs: number): void {
    this.expired = new TransactionExpiredError(heldMs, this.lastStatement);
    this.dataSource.logger.log('warn', this.expired.message);
    this.freeConnection();
  }

  private endTransaction(): void {
    clearTimeout(this.expiry);
    this.expired = undefined;
    this.isTransactionActive = false;
    this.transactionDepth = 0;
    this.freeConnection();
  }

  /** A statement that has begun, and waits for a subscriber, still needs the connection. */
  private freeConnection(): void {
    const leave = this.leaveGate;
    this.freesLater = leave !== undefined && this.runningStatements > 0;
    if (!leave || this.freesLater) return;
    this.leaveGate = undefined;
    this.driver.settle();
    leave();
  }

  private connectionIsInTransaction(): boolean {
    return this.driver.databaseConnection.inTransaction;
  }
}
