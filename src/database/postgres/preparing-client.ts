import { LRUCache } from 'lru-cache';
import { Client, type QueryConfig, type QueryResult } from 'pg';
import { MAX_REMEMBERED_LENGTH } from '../statement-translations';
import { type Connection, QueryAfterPrelude, isPrelude } from './query-after-prelude';

/** After how many executions a statement is prepared. */
const MIN_EXECUTIONS = 3;

/** How many statements are counted that are not prepared yet. */
const MAX_COUNTED = 500;

/** How many statements are prepared, on each connection, at most. */
const MAX_PREPARED = 300;

/**
 * Results that do not name their columns. After a migration has added a column, PostgreSQL would
 * reject such a statement on the connections that have prepared it.
 */
const ALL_COLUMNS = /\b(select|returning)\s+\*|\.\*/i;

/** The names of the statements that are prepared, which are the same on all connections. */
class StatementNames {
  private readonly executions = new LRUCache<string, number>({ max: MAX_COUNTED });
  private readonly names = new Map<string, string>();

  /** @returns undefined while the statement is not to be prepared */
  nameOf(sql: string): string | undefined {
    const name = this.names.get(sql);
    const isFull = this.names.size === MAX_PREPARED;
    if (name !== undefined || isFull || sql.length > MAX_REMEMBERED_LENGTH) return name;
    const executions = (this.executions.get(sql) ?? 0) + 1;
    this.executions.set(sql, executions);
    if (executions < MIN_EXECUTIONS || ALL_COLUMNS.test(sql)) return undefined;
    this.executions.delete(sql);
    const next = `statement_${this.names.size}`;
    this.names.set(sql, next);
    return next;
  }
}

const names = new StatementNames();

/** The result of a statement that waits for the next one. */
const NOT_YET_SENT = { rows: [], rowCount: null } as const;

/**
 * A connection that prepares statements which are repeated: PostgreSQL parses, and mostly plans, them
 * once per connection. Those that begin a transaction are sent together with its first statement.
 */
export class PreparingClient extends Client {
  private prelude: string[] = [];

  // The base class declares many signatures, of which TypeORM uses `(sql, parameters)`.
  override query(...call: unknown[]): never {
    const [sql, parameters, ...rest] = call;
    if (isPrelude(sql, parameters)) {
      this.prelude.push(sql);
      return Promise.resolve(NOT_YET_SENT) as never;
    }
    if (typeof sql !== 'string' || rest.length > 0) {
      if (this.prelude.length > 0) void this.sendPrelude().catch(() => undefined);
      return super.query(...(call as [never]));
    }
    const values = Array.isArray(parameters) ? (parameters as unknown[]) : [];
    const name = values.length > 0 ? names.nameOf(sql) : undefined;
    const config = { text: sql, values, ...(name !== undefined && { name }) };
    return (
      this.prelude.length > 0 ? this.queryAfterPrelude(config) : super.query(config)
    ) as never;
  }

  private async queryAfterPrelude(config: QueryConfig): Promise<QueryResult | undefined> {
    const { name } = config;
    if (name !== undefined && this.wire.parsedStatements[name] === undefined) {
      await this.sendPrelude();
      return super.query(config);
    }
    const { prelude } = this;
    this.prelude = [];
    return new Promise((resolve, reject) => {
      const query = new QueryAfterPrelude(prelude, config, (error, result) => {
        if (error) reject(error);
        else resolve(result);
      });
      super.query(query);
    });
  }

  /** Closes the connection when it fails: PostgreSQL would commit the next statements one by one. */
  private async sendPrelude(): Promise<void> {
    const sql = this.prelude.join('; ');
    this.prelude = [];
    try {
      await super.query(sql);
    } catch (error) {
      this.wire.stream.destroy();
      throw error;
    }
  }

  private get wire(): Connection {
    return (this as unknown as { readonly connection: Connection }).connection;
  }
}
