import type { Release, Semaphore } from '../../common/semaphore';
import { TransactionLostError } from './sqlite.errors';

/** How many transactions are committed together, at most. */
const MAX_TRANSACTIONS = 100;

/** For how long transactions join a group, in milliseconds. Other statements wait meanwhile. */
const MAX_OPEN_MS = 25;

/** The part of the connection that a group uses. */
export interface GroupConnection {
  readonly inTransaction: boolean;
  execute(sql: string): void;
  /** Rolls back everything. Never throws: a connection that cannot roll back is given up. */
  rollBack(): void;
  warn(message: string): void;
}

/** What a group holds until it ends. */
export interface GroupResources {
  readonly connection: GroupConnection;
  /** Releases the connection. */
  readonly release: Release;
  /** The turns of all transactions, in order of arrival. */
  readonly turns: Semaphore;
}

/**
 * Transactions that end with one COMMIT, and so with one sync of the write-ahead log. They run one after
 * another, all but the first in a savepoint, and the COMMIT follows when the event loop has served the
 * requests that it had received. A transaction reads what earlier ones of its group have written, so none
 * ends for its caller before the COMMIT, not even with an error; only one that has expired ends at once,
 * because its error depends on no row. Other statements wait for the COMMIT.
 */
export class CommitGroup {
  private readonly openedAt = performance.now();
  private readonly closing: NodeJS.Immediate;
  private readonly outcome: Promise<void>;
  private settle: (error: unknown) => void = () => undefined;
  private begun = 0;
  private isDue = false;
  private hasEnded = false;

  private constructor(
    private readonly resources: GroupResources,
    private readonly isAlone: boolean,
  ) {
    this.outcome = new Promise((resolve, reject) => {
      this.settle = (error) => {
        if (error === undefined) resolve();
        else reject(error);
      };
    });
    this.outcome.catch(() => undefined); // nobody waits for it when callers only roll back
    this.closing = setImmediate(() => this.close());
  }

  /**
   * Opens a group for the caller whose turn it is. Call {@link begin} before anything is awaited.
   * @param isAlone its first transaction is the only one
   * @throws QueryFailedError when another process has locked the file
   */
  static open(resources: GroupResources, isAlone: boolean): CommitGroup {
    // Takes the write lock at once, so that later statements never find the file locked.
    resources.connection.execute('BEGIN IMMEDIATE');
    return new CommitGroup(resources, isAlone);
  }

  /**
   * Begins a transaction of the caller whose turn it is.
   * @param endTurn is called when the transaction has ended
   * @param isAlone it is not committed together with others
   * @returns undefined when the group does not admit it. The group has ended then.
   */
  async begin(endTurn: Release, isAlone: boolean): Promise<GroupedTransaction | undefined> {
    if (this.begun > 0 && (isAlone || this.isFull)) this.commit();
    if (this.hasEnded) return undefined;
    const isFirst = this.begun++ === 0;
    const transaction = new GroupedTransaction((...end) => {
      this.endTransaction(isFirst, ...end);
      endTurn();
      if (this.isFull || (this.isDue && this.resources.turns.isUnused)) this.commit();
      return this.outcome;
    });
    try {
      if (!isFirst) this.resources.connection.execute('SAVEPOINT grouped');
    } catch (error) {
      await transaction.rollBack();
      throw error;
    }
    return transaction;
  }

  private get isFull(): boolean {
    const age = performance.now() - this.openedAt;
    return this.isAlone || this.begun >= MAX_TRANSACTIONS || age >= MAX_OPEN_MS;
  }

  private endTransaction(isFirst: boolean, isKept: boolean, warning?: string): void {
    const { connection } = this.resources;
    // SQLite rolls everything back by itself, for example when the disk is full.
    if (!connection.inTransaction) {
      this.end(new TransactionLostError());
      return;
    }
    if (warning !== undefined) connection.warn(warning);
    if (isFirst && !isKept) {
      connection.rollBack();
      this.end();
    } else if (!isFirst) {
      try {
        if (!isKept) connection.execute('ROLLBACK TO grouped');
        connection.execute('RELEASE grouped');
      } catch (error) {
        connection.rollBack();
        this.end(error);
      }
    }
  }

  private close(): void {
    this.isDue = true;
    if (this.resources.turns.isUnused) this.commit();
  }

  /** Commits those that have begun, of which none is running. */
  private commit(): void {
    if (this.hasEnded) return;
    const { connection } = this.resources;
    try {
      connection.execute('COMMIT');
      this.end();
    } catch (error) {
      if (connection.inTransaction) connection.rollBack();
      this.end(error);
    }
  }

  private end(error?: unknown): void {
    clearImmediate(this.closing);
    this.hasEnded = true;
    this.settle(error);
    this.resources.release();
  }
}

/** A transaction that is committed together with others. It ends once; a second end does nothing. */
export class GroupedTransaction {
  private outcome: Promise<void> | undefined;

  constructor(private readonly end: (isKept: boolean, warning?: string) => Promise<void>) {}

  get hasEnded(): boolean {
    return this.outcome !== undefined;
  }

  /**
   * Ends it, and resolves after the COMMIT.
   * @throws TransactionLostError, or the error of the COMMIT, when nothing of the group was kept
   */
  commit(): Promise<void> {
    this.outcome ??= this.end(true);
    return this.outcome;
  }

  /**
   * Undoes what it has written, and resolves when everything that it has read is committed.
   * @param warning is logged
   * @throws TransactionLostError when it has read what was not kept
   */
  async rollBack(warning?: string): Promise<void> {
    this.outcome ??= this.end(false, warning);
    try {
      await this.outcome;
    } catch (error) {
      throw new TransactionLostError(error);
    }
  }
}
