import type { ColumnType, EntityMetadata, ObjectLiteral, QueryRunner, TableColumn } from 'typeorm';
import { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { DatabaseBusyError } from './database.errors';
import { FifoGate } from './fifo-gate';
import {
  type SharedConnection,
  SingleConnectionQueryRunner,
} from './single-connection-query-runner';

/** The part of a better-sqlite3 database that is used here. */
export interface SqliteConnection {
  readonly inTransaction: boolean;
  exec(sql: string): void;
  close(): void;
}

/** How long a statement or transaction waits for the connection, in milliseconds. */
export const MAX_CONNECTION_WAIT_MS = 5_000;

/**
 * TypeORM's SQLite driver hands every caller the same query runner, with one transaction counter:
 * concurrent transactions nest into each other, and a rollback takes foreign writes with it. This
 * driver behaves like a connection pool of size one instead: every caller gets a runner of its
 * own, and runners take turns at the connection, in order of arrival.
 *
 * It also understands the PostgreSQL type names that entities and migrations use.
 */
export class SingleConnectionSqliteDriver extends BetterSqlite3Driver implements SharedConnection {
  declare databaseConnection: SqliteConnection;

  readonly gate = new FifoGate(
    MAX_CONNECTION_WAIT_MS,
    () => new DatabaseBusyError(MAX_CONNECTION_WAIT_MS),
  );

  readonly statements = new Map<string, unknown>();

  override createQueryRunner(): QueryRunner {
    return new SingleConnectionQueryRunner(this);
  }

  /** A transaction is left open by a raw `BEGIN`, or by a rollback that failed. */
  async settle(): Promise<void> {
    if (!this.databaseConnection.inTransaction) return;
    this.dataSource.logger.log('warn', 'A transaction was left open on SQLite: rolling it back');
    try {
      this.databaseConnection.exec('ROLLBACK');
    } catch (error) {
      this.dataSource.logger.log('warn', `Replacing the SQLite connection: ${String(error)}`);
      this.statements.clear();
      this.databaseConnection.close();
      await this.connect();
    }
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
