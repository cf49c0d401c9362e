import { access } from 'node:fs/promises';
import type Database from 'better-sqlite3';
import { QueryFailedError } from 'typeorm';
import { type Release, Semaphore } from '../../common/semaphore';
import { CommitGroup, type GroupedTransaction } from './commit-group';
import { retryWhileLocked } from './retry-while-locked';
import { DatabaseBusyError, DatabaseNotOpenError, TransactionLostError } from './sqlite.errors';

/** How long a statement or transaction waits for the connection, in milliseconds. */
export const MAX_CONNECTION_WAIT_MS = 5_000;

/**
 * How long {@link SharedConnection.close} waits for others that read or write, in milliseconds. No other process
 * can begin to write meanwhile.
 */
const CHECKPOINT_WAIT_MS = 250;

/** The warning about a transaction that its caller has neither committed nor rolled back. */
export const LEFT_OPEN = 'A transaction was left open on SQLite: rolling it back';

/** The one connection to an SQLite file. Query runners take turns, in order of arrival. */
export class SharedConnection {
  /** Prepared statements by their SQL. They belong to the connection. */
  readonly statements = new Map<string, unknown>();

  private readonly turns = createTurns();
  private readonly transactionTurns = createTurns();
  private group: CommitGroup | undefined;
  private current: Database;

  /** True after the connection was given up, until the next query has opened another one. */
  private isGivenUp = false;

  /** @param path of the file, or `:memory:` */
  constructor(
    private readonly path: string,
    private readonly connect: () => Promise<Database>,
    readonly warn: (message: string) => void,
  ) {}

  get inTransaction(): boolean {
    return this.current.inTransaction;
  }

  async open(): Promise<void> {
    this.current = await retryWhileLocked(this.connect);
    this.isGivenUp = false;
  }

  /**
   * Waits for the connection, and opens another one when the last one was given up. It goes to the
   * next caller without an open transaction: call {@link rollBackIfOpen} before the release.
   * @throws DatabaseBusyError, DatabaseNotOpenError
   */
  async acquire(maxWaitMs?: number): Promise<Release> {
    const release = await this.turns.acquire(maxWaitMs);
    if (!this.isGivenUp) return release;
    try {
      // SQLite would create an empty database where the file is missing.
      if (this.path !== ':memory:') await access(this.path);
      await this.open();
      this.warn('Opened another SQLite connection');
      return release;
    } catch (error) {
      release();
      throw new DatabaseNotOpenError(error);
    }
  }

  /**
   * Begins a transaction, in the group that is open or in another one. Transactions begin in order of
   * arrival, and all that wait have one place among those that wait for the connection.
   * @param isAlone it is not committed together with others
   * @throws DatabaseBusyError, DatabaseNotOpenError, and QueryFailedError when another process has locked the file
   */
  async begin(isAlone: boolean): Promise<GroupedTransaction> {
    const arrivedAt = performance.now();
    const endTurn = await this.transactionTurns.acquire();
    try {
      const joined = await this.group?.begin(endTurn, isAlone);
      if (joined) return joined;
      const waitedMs = performance.now() - arrivedAt;
      this.group = await this.openGroup(isAlone, MAX_CONNECTION_WAIT_MS - waitedMs);
      const first = await this.group.begin(endTurn, isAlone);
      if (!first) throw new TransactionLostError();
      return first;
    } catch (error) {
      endTurn();
      throw error;
    }
  }

  private async openGroup(isAlone: boolean, maxWaitMs: number): Promise<CommitGroup> {
    const release = await this.acquire(maxWaitMs);
    try {
      const resources = { connection: this, release, turns: this.transactionTurns };
      return CommitGroup.open(resources, isAlone);
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * Executes a statement of the caller that holds the connection.
   * @throws QueryFailedError
   */
  execute(sql: string): void {
    try {
      this.current.exec(sql);
    } catch (error) {
      throw new QueryFailedError(sql, [], error as Error);
    }
  }

  /** Rolls back a transaction that a raw `BEGIN` has left open. Never throws. */
  rollBackIfOpen(): void {
    if (!this.inTransaction) return;
    this.warn(LEFT_OPEN);
    this.rollBack();
  }

  /** Never throws: a connection that cannot roll back is given up. */
  rollBack(): void {
    try {
      this.current.exec('ROLLBACK');
    } catch (error) {
      this.warn(`Giving up the SQLite connection: ${String(error)}`);
      this.giveUp();
    }
  }

  /**
   * Queries the connection without waiting for a turn. The statement needs none, because it reads
   * no rows and does not interrupt a transaction.
   * @returns false when the connection was given up
   */
  ping(): boolean {
    if (this.isGivenUp) return false;
    this.current.exec('SELECT 1');
    return true;
  }

  /**
   * Closes the connection when it is free. All committed rows are then in the database file, even
   * while other processes have it open, so a copy of this file alone is complete. A warning is
   * logged when another process prevents that because it is reading or writing for long.
   */
  async close(): Promise<void> {
    const release = await this.turns.acquire().catch(() => () => undefined);
    try {
      this.rollBackIfOpen();
      if (!this.isGivenUp) this.checkpoint();
    } catch (error) {
      this.warn(`The write-ahead log could not be moved into the SQLite file: ${String(error)}`);
    } finally {
      this.giveUp();
      this.isGivenUp = false; // otherwise the next query would open another one
      release();
    }
  }

  private checkpoint(): void {
    this.current.pragma(`busy_timeout = ${CHECKPOINT_WAIT_MS}`);
    const pragma = this.current.pragma('wal_checkpoint(TRUNCATE)');
    const [{ busy }] = pragma as [{ readonly busy: number }];
    if (busy) this.warn('Another process uses the SQLite file: a copy also needs the -wal file');
  }

  private giveUp(): void {
    this.isGivenUp = true;
    this.statements.clear();
    try {
      this.current.close();
    } catch (error) {
      this.warn(`The SQLite connection could not be closed: ${String(error)}`);
    }
  }
}

function createTurns(): Semaphore {
  const error = () => new DatabaseBusyError(MAX_CONNECTION_WAIT_MS);
  return new Semaphore(MAX_CONNECTION_WAIT_MS, error);
}
