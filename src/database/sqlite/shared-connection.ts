import { access } from 'node:fs/promises';
import type Database from 'better-sqlite3';
import { type Release, Semaphore } from '../../common/semaphore';
import { retryWhileLocked } from './retry-while-locked';
import { DatabaseBusyError, DatabaseNotOpenError } from './sqlite.errors';

/** How long a statement or transaction waits for the connection, in milliseconds. */
export const MAX_CONNECTION_WAIT_MS = 5_000;

/** The one connection to an SQLite file. Query runners take turns, in order of arrival. */
export class SharedConnection {
  /** Prepared statements by their SQL. They belong to the connection. */
  readonly statements = new Map<string, unknown>();

  private readonly turns = new Semaphore(
    MAX_CONNECTION_WAIT_MS,
    () => new DatabaseBusyError(MAX_CONNECTION_WAIT_MS),
  );
  private current: Database;

  /** True after the connection was given up, until the next query has opened another one. */
  private isGivenUp = false;

  /** @param path of the file, or `:memory:` */
  constructor(
    private readonly path: string,
    private readonly connect: () => Promise<Database>,
    private readonly log: (message: string) => void,
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
  async acquire(): Promise<Release> {
    const release = await this.turns.acquire();
    if (!this.isGivenUp) return release;
    try {
      // SQLite would create an empty database where the file is missing.
      if (this.path !== ':memory:') await access(this.path);
      await this.open();
      this.log('Opened another SQLite connection');
      return release;
    } catch (error) {
      release();
      throw new DatabaseNotOpenError(error);
    }
  }

  /**
   * Rolls back the transaction that a raw `BEGIN`, a failed rollback or an early release has left
   * open. Never throws: a connection that cannot roll back is given up.
   * @param reason is logged when there was such a transaction
   */
  rollBackIfOpen(reason = 'A transaction was left open on SQLite: rolling it back'): void {
    if (!this.inTransaction) return;
    this.log(reason);
    try {
      this.current.exec('ROLLBACK');
    } catch (error) {
      this.log(`Giving up the SQLite connection: ${String(error)}`);
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
   * logged when another process prevents that because it is reading or writing.
   */
  async close(): Promise<void> {
    const release = await this.turns.acquire().catch(() => () => undefined);
    try {
      this.rollBackIfOpen();
      if (!this.isGivenUp) this.checkpoint();
    } catch (error) {
      this.log(`The write-ahead log could not be moved into the SQLite file: ${String(error)}`);
    } finally {
      this.giveUp();
      this.isGivenUp = false; // otherwise the next query would open another one
      release();
    }
  }

  private checkpoint(): void {
    const pragma = this.current.pragma('wal_checkpoint(TRUNCATE)');
    const [{ busy }] = pragma as [{ readonly busy: number }];
    if (busy) this.log('Another process uses the SQLite file: a copy also needs the -wal file');
  }

  private giveUp(): void {
    this.isGivenUp = true;
    this.statements.clear();
    try {
      this.current.close();
    } catch (error) {
      this.log(`The SQLite connection could not be closed: ${String(error)}`);
    }
  }
}
