import type Database from 'better-sqlite3';
import type { ColumnType, EntityMetadata, ObjectLiteral, QueryRunner, TableColumn } from 'typeorm';
import { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import { NoTracing } from '../../common/tracing';
import type { ReportsConnectionWaits } from '../connection-waits';
import { StatementTranslations } from '../statement-translations';
import type { TracesStatements } from '../traced-statements';
import { SharedConnection } from './shared-connection';
import { SingleConnectionQueryRunner } from './single-connection-query-runner';
import { MAX_TRANSACTION_MS } from './transaction-hold';

/**
 * With TypeORM's SQLite driver all callers share one query runner and its transaction counter:
 * concurrent transactions nest into each other, and one caller's rollback undoes the writes of
 * others. This driver behaves like a connection pool of size one instead: each caller gets its own
 * query runner, and the runners take turns. It also understands the PostgreSQL type names that
 * entities and migrations use.
 */
export class SingleConnectionSqliteDriver
  extends BetterSqlite3Driver
  implements ReportsConnectionWaits, TracesStatements
{
  onWait: ReportsConnectionWaits['onWait'] = () => undefined;

  tracing: TracesStatements['tracing'] = new NoTracing();

  declare databaseConnection: Database;

  readonly shared = new SharedConnection(
    this.options.database,
    async () => (this.databaseConnection = await this.createDatabaseConnection()),
    (message) => this.dataSource.logger.log('warn', message),
  );
  private readonly maxTransactionMs = MAX_TRANSACTION_MS;
  private readonly translations = new StatementTranslations((sql, parameters) => {
    const bindable = Object.entries(parameters).map(([name, value]) => [name, toBindable(value)]);
    return super.escapeQueryWithParameters(sql, Object.fromEntries(bindable));
  });

  override createQueryRunner(): QueryRunner {
    return new SingleConnectionQueryRunner(this, this.shared, this.maxTransactionMs);
  }

  override connect(): Promise<void> {
    return this.shared.open();
  }

  override disconnect(): Promise<void> {
    return this.shared.close();
  }

  protected override async createDatabaseConnection(): Promise<Database> {
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

  override normalizeType(column: Parameters<BetterSqlite3Driver['normalizeType']>[0]): string {
    return super.normalizeType({ ...column, type: sqliteType(column.type) });
  }

  override createFullType(column: TableColumn): string {
    const translated = column.clone();
    translated.type = String(sqliteType(column.type as ColumnType));
    return super.createFullType(translated);
  }

  /** Binds integers and instants; the base driver would write numbers into the SQL. */
  override escapeQueryWithParameters(
    sql: string,
    parameters: Record<string, unknown>,
  ): [string, unknown[]] {
    const [translated, values] = this.translations.get(sql, parameters);
    return [translated, values.map(toBindable)];
  }

  /** SQLite supports RETURNING since 3.35; for INSERT the base driver relies on the last row id. */
  override isReturningSqlSupported(type?: 'insert' | 'update' | 'delete'): boolean {
    return type !== 'insert';
  }

  /** Reads a row of RETURNING; the base driver expects the last row id of an INSERT. */
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
  if (type === 'jsonb') return 'text';
  return type;
}

function toBindable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toBindable);
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'boolean') return BigInt(value);
  return Number.isInteger(value) ? BigInt(value as number) : value;
}
