import { access } from 'node:fs/promises';
import type Database from 'better-sqlite3';
import type { ColumnType, EntityMetadata, ObjectLiteral, QueryRunner, TableColumn } from 'typeorm';
import { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { DatabaseBusyError, DatabaseNotOpenError } from '../database.errors';
import { FifoGate, type Leave } from './fifo-gate';
import { retryWhileLocked } from './retry-while-locked';
import {
  type SharedConnection,
  SingleConnectionQueryRunner,
} from './single-connection-query-runner';

/** How long a statement or transaction waits for the connection, in milliseconds. */
export const MAX_CONNECTION_WAIT_MS = 5_000;

/**
 * How long a transaction may hold the connection, in milliseconds. It is shorter than the wait of
 * the others, so that they get their turn when a transaction is stuck.
 */
const MAX_TRANSACTION_MS = 4_000;

/**
 * TypeORM's SQLite driver hands every caller the same query runner, with one transaction counter:
 * concurrent transactions nest into each other, and a rollback takes foreign writes with it. This
 * driver behaves like a connection pool of size one instead: every caller gets a runner of its
 * own, and runners take turns at the connection, in order of arrival.
 *
 * It also understands the PostgreSQL type names that entities and migrations use.
 */
export class SingleConnectionSqliteDriver extends BetterSqlite3Driver implements SharedConnection {
  declare databaseConnection: Database;

  private readonly gate = new FifoGate(
    MAX_CONNECTION_WAIT_MS,
    () => new DatabaseBusyError(MAX_CONNECTION_WAIT_MS),
  );

  readonly maxTransactionMs = MAX_TRANSACTION_MS;
  readonly statements = new Map<string, unknown>();

  /** True after the connection was given up, until the next query has opened another one. */
  private isGivenUp = false;

  override createQueryRunner(): QueryRunner {
    return new SingleConnectionQueryRunner(this);
  }

  override async connect(): Promise<void> {
    this.databaseConnection = await retryWhileLocked(() => this.createDatabaseConnection());
  }

  protected override async createDatabaseConnection(): Promise<Database> {
    const { database } = this.options;
    // SQLite would make an empty database where the file is missing.
    if (this.isGivenUp && database !== ':memory:') await access(database);
    const connection = (await super.createDatabaseConnection()) as Database;
    try {
      // A commit is acknowledged only after it was synced.
      connection.pragma('synchronous = FULL');
      connection.pragma('journal_mode = WAL');
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /**
   * Waits for the connection, and opens another one when the last one was given up.
   * @throws DatabaseBusyError, DatabaseNotOpenError
   */
  async enter(): Promise<Leave> {
    const leave = await this.gate.enter();
    if (!this.isGivenUp) return leave;
    try {
      await this.connect();
      this.isGivenUp = false;
      this.log('Opened another SQLite connection');
      return leave;
    } catch (error) {
      leave();
      throw new DatabaseNotOpenError(error);
    }
  }

  /** A transaction is left open by a raw `BEGIN`, or by a rollback that failed. Never throws. */
  settle(): void {
    if (!this.databaseConnection.inTransaction) return;
    this.log('A transaction was left open on SQLite: rolling it back');
    try {
      this.databaseConnection.exec('ROLLBACK');
    } catch (error) {
      this.log(`Giving up the SQLite connection: ${String(error)}`);
      this.giveUpConnection();
    }
  }

  /**
   * Closes the connection when it is free. All committed data is then in the database file, even
   * while other processes have it open, so a copy of this file alone is complete. The log says when
   * another process prevents that because it is reading or writing.
   */
  override async disconnect(): Promise<void> {
    const leave = await this.gate.enter().catch(() => () => undefined);
    try {
      this.settle();
      if (!this.isGivenUp) this.checkpoint();
    } catch (error) {
      this.log(`The SQLite log could not be moved into the database: ${String(error)}`);
    } finally {
      this.giveUpConnection();
      this.isGivenUp = false; // or the next query would open another one
      leave();
    }
  }

  private checkpoint(): void {
    const pragma = this.databaseConnection.pragma('wal_checkpoint(TRUNCATE)');
    const [{ busy }] = pragma as [{ readonly busy: number }];
    if (busy) this.log('Another process uses the SQLite file: a copy needs the -wal file, too');
  }

  /**
   * Asks the connection without waiting for a turn; it needs none, because the statement touches no
   * data and runs at once.
   * @returns false when the connection was given up
   */
  ping(): boolean {
    if (this.isGivenUp) return false;
    this.databaseConnection.exec('SELECT 1');
    return true;
  }

  private giveUpConnection(): void {
    this.isGivenUp = true;
    this.statements.clear(); // they belong to the connection
    try {
      this.databaseConnection.close();
    } catch (error) {
      this.log(`The SQLite connection could not be closed: ${String(error)}`);
    }
  }

  private log(message: string): void {
    this.dataSource.logger.log('warn', message);
  }

  override normalizeType(column: Parameters<BetterSqlite3Driver['normalizeType']>[0]): string {
    return super.normalizeType({ ...column, type: sqliteType(column.type) });
  }

  override createFullType(column: TableColumn): string {
    const translated = column.clone();
    translated.type = String(sqliteType(column.type as ColumnType));
    return super.createFullType(translated);
  }

  /** Binds integers and instants; the base driver would write numbers into the SQL text. */
  override escapeQueryWithParameters(
    sql: string,
    parameters: Record<string, unknown>,
  ): [string, unknown[]] {
    const bindable = Object.entries(parameters).map(([name, value]) => [name, toBindable(value)]);
    return super.escapeQueryWithParameters(sql, Object.fromEntries(bindable));
  }

  /** SQLite knows RETURNING since 3.35; for INSERT the base driver relies on the last row id. */
  override isReturningSqlSupported(type?: 'insert' | 'update' | 'delete'): boolean {
    return type !== 'insert';
  }

  /** Reads a row of RETURNING; what the base driver expects is the last row id of an INSERT. */
  override createGeneratedMap(
    metadata: EntityMetadata,
    result: unknown,
    entityIndex: number,
    entityCount: number,
  ): ObjectLiteral | undefined {
    if (typeof result !== 'object' || result === null) {
      return super.createGeneratedMap(metadata, result, entityIndex, entityCount);
    }
    const values: ObjectLiteral = {};
    for (const [name, value] of Object.entries(result)) {
      const column = metadata.findColumnWithDatabaseName(name);
      column?.setEntityValue(values, this.prepareHydratedValue(value, column));
    }
    return values;
  }
}

function sqliteType(type: ColumnType | undefined): ColumnType | undefined {
  if (type === 'timestamptz') return 'datetime';
  if (type === 'bigint' || type === 'int8') return 'integer';
  return type;
}

function toBindable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toBindable);
  if (value instanceof Date) return value.toISOString();
  return Number.isInteger(value) ? BigInt(value as number) : value;
}
