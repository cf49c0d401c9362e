import type { ObjectLiteral } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import type { IsolationLevel } from 'typeorm/driver/types/IsolationLevel.js';
import { BetterSqlite3QueryRunner } from 'typeorm/driver/better-sqlite3/BetterSqlite3QueryRunner.js';
import { TransactionLostError } from './database.errors';
import type { FifoGate, Leave } from './fifo-gate';

/** What the runners of one driver share. */
export interface SharedConnection {
  readonly databaseConnection: { readonly inTransaction: boolean };
  readonly gate: FifoGate;
  /** Prepared statements by their SQL. They belong to the connection. */
  readonly statements: Map<string, unknown>;
  /** Makes sure that no transaction is open when the connection goes to the next caller. */
  settle(): Promise<void>;
}

/**
 * Takes the connection for a single statement, or from the outermost BEGIN until its commit,
 * rollback or release.
 */
export class SingleConnectionQueryRunner extends BetterSqlite3QueryRunner {
  declare driver: BetterSqlite3Driver & SharedConnection;

  /** Set while this runner holds the connection for a transaction. */
  private leaveGate: Leave | undefined;

  constructor(driver: BetterSqlite3Driver & SharedConnection) {
    super(driver);
    Object.assign(this, { stmtCache: driver.statements });
  }

  /**
   * @throws DatabaseBusyError when the connection did not become free in time
   * @throws TransactionLostError when SQLite ended the transaction by itself
   */
  override async query(
    sql: string,
    parameters?: unknown[] | ObjectLiteral,
    useStructuredResult?: boolean,
  ): ReturnType<BetterSqlite3QueryRunner['query']> {
    if (this.leaveGate) {
      if (this.transactionDepth > 0 && !this.connectionIsInTransaction()) {
        throw new TransactionLostError();
      }
      return super.query(sql, parameters, useStructuredResult);
    }
    const leave = await this.driver.gate.enter();
    try {
      return await super.query(sql, parameters, useStructuredResult);
    } finally {
      await this.driver.settle().finally(leave);
    }
  }

  override async startTransaction(isolationLevel?: IsolationLevel): Promise<void> {
    this.leaveGate ??= await this.driver.gate.enter();
    try {
      await super.startTransaction(isolationLevel);
    } catch (error) {
      if (this.transactionDepth === 0) await this.endTransaction();
      throw error;
    }
  }

  /** When this fails the connection stays held: the caller still has to roll back or release. */
  override async commitTransaction(): Promise<void> {
    await super.commitTransaction();
    if (this.transactionDepth === 0) await this.endTransaction();
  }

  override async rollbackTransaction(): Promise<void> {
    const isOutermost = this.transactionDepth <= 1;
    try {
      if (this.leaveGate && !this.connectionIsInTransaction()) {
        // SQLite has rolled back already, as it does when the disk is full.
        this.transactionDepth -= 1;
      } else {
        await super.rollbackTransaction();
      }
    } finally {
      if (isOutermost) await this.endTransaction();
    }
  }

  override async release(): Promise<void> {
    await this.endTransaction();
    this.isReleased = true;
    await super.release();
  }

  private async endTransaction(): Promise<void> {
    const leave = this.leaveGate;
    if (!leave) return;
    this.leaveGate = undefined;
    this.isTransactionActive = false;
    this.transactionDepth = 0;
    await this.driver.settle().finally(leave);
  }

  private connectionIsInTransaction(): boolean {
    return this.driver.databaseConnection.inTransaction;
  }
}
