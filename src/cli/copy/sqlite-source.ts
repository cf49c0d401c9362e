import type Database from 'better-sqlite3';
import { messageOf } from '../../common/message-of';
import { openFileBlocking } from '../../database/sqlite/open-file-blocking';
import { isFileLocked } from '../../database/sqlite/sqlite.errors';

/** Those of TypeORM itself, and the instances that run on a database: the target has its own. */
const NOT_COPIED = new Set(['migrations', 'typeorm_metadata', 'instances']);

export type SourceRow = Readonly<Record<string, unknown>>;

/** Reads an SQLite file as it is at one moment. */
export class SqliteSource {
  private constructor(private readonly database: Database) {}

  /** @throws Error when it is not a database of this server */
  static open(file: string): SqliteSource {
    const database = openFileBlocking(file);
    try {
      database.exec('BEGIN IMMEDIATE'); // no other program can write until the end
      const source = new SqliteSource(database);
      if (source.migrations().length > 0) return source;
      throw new Error('no migration has run');
    } catch (error) {
      database.close();
      if (isFileLocked(error)) throw error;
      throw new Error(`${file} is not a database of this server: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  migrations(): string[] {
    return this.all<{ name: string }>('SELECT name FROM migrations').map(({ name }) => name);
  }

  /** In an order in which a table follows those that it refers to. */
  tables(): string[] {
    const names = this.all<{ name: string }>(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
       ORDER BY name`,
    ).flatMap(({ name }) => (NOT_COPIED.has(name) ? [] : [name]));
    const sorted = new Set<string>();
    const add = (name: string, path: readonly string[]) => {
      if (sorted.has(name) || path.includes(name)) return;
      const sql = 'SELECT "table" AS name FROM pragma_foreign_key_list(?)';
      for (const { name: target } of this.all<{ name: string }>(sql, name)) {
        add(target, [...path, name]);
      }
      sorted.add(name);
    };
    for (const name of names) add(name, []);
    return [...sorted];
  }

  columns(table: string): string[] {
    const sql = 'SELECT name FROM pragma_table_info(?)';
    return this.all<{ name: string }>(sql, table).map(({ name }) => name);
  }

  /** The columns of the primary key, in its order; none when the table has no such key. */
  primaryKey(table: string): string[] {
    const sql = 'SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk';
    return this.all<{ name: string }>(sql, table).map(({ name }) => name);
  }

  /** The highest id of a column: with AUTOINCREMENT the last one assigned, also when its row was deleted. */
  lastId(table: string, column: string): bigint {
    const sql = `SELECT CAST(COALESCE(MAX(last), 0) AS text) AS last FROM (
      SELECT MAX("${column}") AS last FROM "${table}"
      UNION ALL SELECT seq FROM sqlite_sequence WHERE name = ?)`;
    return BigInt(this.all<{ last: string }>(sql, table)[0]?.last ?? 0);
  }

  /** The result of an aggregation. */
  aggregate(sql: string): Record<string, unknown> {
    return this.all<Record<string, unknown>>(sql)[0] ?? {};
  }

  /**
   * No other statement can be executed meanwhile.
   * @throws Error at an integer that a number would change
   */
  *rows(table: string): Generator<SourceRow> {
    const key = this.primaryKey(table);
    const statement = this.database.prepare(`SELECT * FROM "${table}"`).safeIntegers();
    let position = 0;
    for (const row of statement.iterate() as IterableIterator<Record<string, unknown>>) {
      position += 1;
      for (const [column, value] of Object.entries(row)) {
        if (typeof value !== 'bigint') continue;
        const number = Number(value);
        if (!Number.isSafeInteger(number)) {
          throw new Error(
            `${table}.${column} is ${value} in the row with ${describeRow(key, row, position)}: ` +
              'only integers between -2^53 and 2^53 can be copied',
          );
        }
        row[column] = number;
      }
      yield row;
    }
  }

  close(): void {
    this.database.close();
  }

  private all<Row>(sql: string, ...values: unknown[]): Row[] {
    return this.database.prepare(sql).all(...values) as Row[];
  }
}

/**
 * Names a row by its primary key, or by its position in a table without one.
 * @param position among the rows of {@link SqliteSource.rows}, from 1
 */
export function describeRow(key: readonly string[], row: SourceRow, position: number): string {
  if (key.length === 0) return `position ${position}`;
  return key.map((column) => `${column} ${String(row[column])}`).join(', ');
}
