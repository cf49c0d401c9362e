import { Query, type QueryConfig, type QueryResult } from 'pg';

/** The part of a connection of pg that is used here. */
export interface Connection {
  readonly stream: { destroy(): void };
  readonly parsedStatements: Readonly<Record<string, string | undefined>>;
  parse(statement: { readonly text: string }): void;
  bind(statement: object): void;
  execute(portal: object): void;
}

/** Methods of `Query` that its types do not declare. */
interface Handlers {
  /** Sends the messages of the statement. */
  readonly prepare: (this: Query, connection: Connection) => void;
  readonly handleCommandComplete: (this: Query, message: object, connection: Connection) => void;
  readonly handleError: (this: Query, error: Error, connection: Connection) => void;
}

const base = Query.prototype as unknown as Handlers;

/** Statements that begin a transaction. Their results are never used. */
const PRELUDE = /^(?:START TRANSACTION|SET LOCAL [\w.]+ = \w+)$/;

/** True for a statement that can wait for the next one of its connection. */
export function isPrelude(sql: unknown, parameters: unknown): sql is string {
  return parameters === undefined && typeof sql === 'string' && PRELUDE.test(sql);
}

/**
 * A statement that is sent together with those that begin its transaction, in one round trip. When
 * one of them fails, PostgreSQL skips those after it.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export class QueryAfterPrelude extends Query {
  private hasBegun = false;

  /**
   * @param config must have no name that is not parsed on the connection: pg would take the first
   * response to a parse message for that of the statement
   */
  constructor(
    private readonly prelude: readonly string[],
    config: QueryConfig,
    onEnd: (error: Error | undefined, result?: QueryResult) => void,
  ) {
    const extended = { ...config, queryMode: 'extended' };
    super(extended, (error: Error | undefined, results: unknown) => {
      onEnd(error, Array.isArray(results) ? (results.at(-1) as QueryResult) : undefined);
    });
  }

  protected prepare(connection: Connection): void {
    for (const text of this.prelude) {
      connection.parse({ text });
      connection.bind({});
      connection.execute({});
    }
    base.prepare.call(this, connection);
  }

  protected handleCommandComplete(message: object, connection: Connection): void {
    this.hasBegun = true;
    base.handleCommandComplete.call(this, message, connection);
  }

  /** Closes the connection when the transaction has not begun: PostgreSQL would commit the next statements. */
  protected handleError(error: Error, connection: Connection): void {
    if (!this.hasBegun) connection.stream.destroy();
    base.handleError.call(this, error, connection);
  }
}
