import { QueryAfterPrelude, isPrelude } from './query-after-prelude';

/** What pg calls. */
interface PgQuery {
  handleCommandComplete(message: object, connection: object): void;
  handleError(error: Error, connection: object): void;
}

describe('QueryAfterPrelude', () => {
  const open = () => {
    const messages: string[] = [];
    const record =
      (message: string) =>
      ({ text = '' }: { readonly text?: string } = {}) =>
        messages.push(`${message} ${text}`.trim());
    const destroy = jest.fn();
    const connection = {
      parsedStatements: {},
      submittedNamedStatements: {},
      stream: { destroy },
      parse: record('parse'),
      bind: record('bind'),
      describe: record('describe'),
      execute: record('execute'),
      sync: record('sync'),
    };
    const onEnd = jest.fn();
    const config = { text: 'SELECT $1', values: [1] };
    const query = new QueryAfterPrelude(['START TRANSACTION'], config, onEnd);
    query.submit(connection as never);
    return { messages, destroy, onEnd, connection, query: query as unknown as PgQuery };
  };

  const start = ['parse START TRANSACTION', 'bind', 'execute'];

  it('sends what begins a transaction and its first statement as one unit', () => {
    expect(open().messages).toEqual([
      ...start,
      'parse SELECT $1',
      'bind',
      'describe',
      'execute',
      'sync',
    ]);
  });

  it('closes the connection when the transaction has not begun', () => {
    const { query, connection, destroy, onEnd } = open();
    const error = new Error('canceled');
    query.handleError(error, connection);
    expect(destroy).toHaveBeenCalledTimes(1);
    expect(onEnd).toHaveBeenCalledWith(error, undefined);
  });

  it('keeps the connection when the first statement fails', () => {
    const { query, connection, destroy, onEnd } = open();
    query.handleCommandComplete({ text: 'START TRANSACTION' }, connection);
    query.handleError(new Error('duplicate key'), connection);
    expect(destroy).not.toHaveBeenCalled();
    expect(onEnd).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['START TRANSACTION', undefined, true],
    ['SET LOCAL plan_cache_mode = force_generic_plan', undefined, true],
    ['SET LOCAL a = 1; DELETE FROM orders', undefined, false],
    ['COMMIT', undefined, false],
    ['SELECT 1', undefined, false],
    ['START TRANSACTION', [], false],
  ])('lets %s with %j wait: %s', (sql, parameters, waits) => {
    expect(isPrelude(sql, parameters)).toBe(waits);
  });
});
