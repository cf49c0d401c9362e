import { LRUCache } from 'lru-cache';
import { Client } from 'pg';
import { MAX_REMEMBERED_LENGTH } from '../statement-translations';

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

/**
 * A connection that prepares statements which are repeated: PostgreSQL parses, and mostly plans, them
 * once per connection.
 */
export class PreparingClient extends Client {
  // The base class declares many signatures, of which TypeORM uses `(sql, parameters)`.
  override query(...call: unknown[]): never {
    const [sql, parameters, ...rest] = call;
    const name =
      typeof sql === 'string' && Array.isArray(parameters) && parameters.length > 0
        ? names.nameOf(sql)
        : undefined;
    const named = name === undefined ? call : [{ name, text: sql, values: parameters }, ...rest];
    return super.query(...(named as [never]));
  }
}
