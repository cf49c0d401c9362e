import { TransactionExpiredError, TransactionLostError } from '../database/sqlite/sqlite.errors';
import { BulkRun, type Move } from './bulk-run';

const IDS = Array.from({ length: 250 }, (_, index) => index + 1);

const moved = (ids: readonly number[]) => new Map(ids.map((id) => [id, null]));

describe('BulkRun', () => {
  let calls: string[];

  beforeEach(() => {
    calls = [];
  });

  /** A run that moves orders as `move` does. */
  const runOf = (move: (...call: Parameters<Move>) => Awaited<ReturnType<Move>>) =>
    new BulkRun(
      IDS,
      (ids, lock) => {
        calls.push(`${lock} ${ids.length > 1 ? `${ids.length} orders` : `order ${ids[0]}`}`);
        return Promise.resolve().then(() => move(ids, lock));
      },
      () => false,
    );

  it('moves batches of 100, and then waits for the orders that others have locked', async () => {
    const isLocked = (id: number) => id === 5 || id === 205;
    const run = runOf((ids, lock) => moved(ids.filter((id) => lock === 'wait' || !isLocked(id))));
    await run.run();
    expect(calls).toEqual([
      'skip 100 orders',
      'skip 100 orders',
      'skip 50 orders',
      'wait 2 orders',
    ]);
    expect(run.rest).toEqual([]);
  });

  it('waits no more after one transaction has waited for too long', async () => {
    const run = runOf((_, lock) => {
      if (lock === 'wait') throw new TransactionExpiredError(2_000, 'SELECT 1');
      return new Map();
    });
    await run.run();
    expect(calls.filter((call) => call.startsWith('wait'))).toEqual(['wait 100 orders']);
    expect(calls.slice(3, 7)).toEqual([
      'wait 100 orders',
      'skip 100 orders',
      'skip 50 orders',
      'skip order 1',
    ]);
    expect(run.rest).toEqual(IDS);
  });

  it('does not wait for the orders of a batch that has failed', async () => {
    const run = runOf((ids, lock) => {
      if (lock === 'skip' && ids.length > 1) return moved(ids.slice(3));
      if (ids.length > 1) throw new Error('The hook of one has failed');
      return moved(ids);
    });
    await run.run();
    expect(calls.slice(3, 5)).toEqual(['wait 9 orders', 'skip order 1']);
    expect(calls).toHaveLength(3 + 1 + 9);
    expect(run.rest).toEqual([]);
  });

  it('ends when the database is unavailable, with the outcomes that are known', async () => {
    const run = runOf((ids) => {
      if (ids[0] !== 1) throw new TransactionLostError();
      return moved(ids);
    });
    await expect(run.run()).rejects.toThrow(TransactionLostError);
    expect(calls).toHaveLength(2);
    expect(run.outcomes.size).toBe(100);
    expect(run.rest).toEqual(IDS.slice(100));
  });
});
