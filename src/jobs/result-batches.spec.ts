import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import type { AppConfig } from '../config/app-config';
import { DatabaseUnavailableError } from '../database/database-unavailable.error';
import type { ClaimResult, ClaimResults } from './claim-results';
import type { ClaimedOrder } from './claimed-order';
import { TransitionHookError } from '../orders/transition-hook.error';
import { ResultBatches } from './result-batches';

const unavailable = new DatabaseUnavailableError('The connection was lost');

function resultFor(id: number): ClaimResult {
  const order = { id } as ClaimedOrder;
  return { order, kind: 'complete', reason: null };
}

function createBatches() {
  const record = jest.fn((results: readonly ClaimResult[]) =>
    Promise.resolve(new Set(results.map(({ order }) => order.id))),
  );
  const holding = jest.fn((orders: readonly ClaimedOrder[]) => Promise.resolve(new Set(orders)));
  const afterHookFailure = (result: ClaimResult) => ({ ...result, kind: 'postpone' });
  const batches = new ResultBatches(
    { record, holding, afterHookFailure } as unknown as ClaimResults,
    { processing: { batchSize: 10 } } as AppConfig,
  );
  return { batches, record, holding };
}

describe('ResultBatches', () => {
  beforeAll(() => Logger.overrideLogger(false));

  const recordMany = ({ batches }: ReturnType<typeof createBatches>, count: number) =>
    Promise.allSettled(Array.from({ length: count }, (_, id) => batches.record(resultFor(id))));

  it('records up to the size of a batch together', async () => {
    const fakes = createBatches();
    const recorded = recordMany(fakes, 25);
    expect(await recorded).toEqual(
      Array.from({ length: 25 }, () => ({ status: 'fulfilled', value: 'complete' })),
    );
    expect(fakes.record.mock.calls.map(([results]) => results.length)).toEqual([10, 10, 5]);
  });

  it('tries again until the database is available', async () => {
    const fakes = createBatches();
    for (let n = 0; n < 2; n++) fakes.record.mockRejectedValueOnce(unavailable);
    const recorded = recordMany(fakes, 3);
    expect(await recorded).toEqual(
      Array.from({ length: 3 }, () => ({ status: 'fulfilled', value: 'complete' })),
    );
  });

  it('tries again when the order is locked, and drops the result when the claim is lost', async () => {
    const fakes = createBatches();
    fakes.record.mockResolvedValueOnce(new Set([0]));
    fakes.holding.mockImplementationOnce(([first]) => Promise.resolve(new Set([first!])));
    const recorded = recordMany(fakes, 3);
    expect(await recorded).toEqual([
      { status: 'fulfilled', value: 'complete' },
      { status: 'fulfilled', value: 'complete' },
      { status: 'fulfilled', value: undefined },
    ]);
  });

  it('does not record again what is recorded when the look at the other claims fails', async () => {
    const fakes = createBatches();
    fakes.record.mockResolvedValueOnce(new Set([0, 2]));
    fakes.holding.mockRejectedValueOnce(unavailable);
    const recorded = recordMany(fakes, 3);
    expect(await recorded).toEqual(
      Array.from({ length: 3 }, () => ({ status: 'fulfilled', value: 'complete' })),
    );
    expect(fakes.record.mock.calls[1]![0].map(({ order }) => order.id)).toEqual([1]);
  });

  it('rejects only the result that cannot be recorded', async () => {
    const fakes = createBatches();
    const reason = new Error('The history has such an entry');
    fakes.record.mockImplementation((results) =>
      results.some(({ order }) => order.id === 1)
        ? Promise.reject(reason)
        : Promise.resolve(new Set(results.map(({ order }) => order.id))),
    );
    const recorded = recordMany(fakes, 3);
    expect(await recorded).toEqual([
      { status: 'fulfilled', value: 'complete' },
      { status: 'rejected', reason },
      { status: 'fulfilled', value: 'complete' },
    ]);
    expect(fakes.record).toHaveBeenCalledTimes(4);
  });

  it('gives up after the grace period of a shutdown', async () => {
    const fakes = createBatches();
    fakes.record.mockRejectedValue(unavailable);
    const recorded = recordMany(fakes, 3);
    while (fakes.record.mock.calls.length === 0) await delay(1);
    fakes.batches.stopRetrying();
    expect(await recorded).toEqual(
      Array.from({ length: 3 }, () => ({ status: 'rejected', reason: unavailable })),
    );
  });

  it('gives up after hooks have failed for 5 s of a shutdown', async () => {
    const fakes = createBatches();
    const failure = new TransitionHookError('Hooks.hang', 'complete', 0, new Error('Too late'));
    const now = jest.spyOn(performance, 'now');
    let elapsedMs = 0;
    now.mockImplementation(() => elapsedMs);
    fakes.record.mockImplementation(() => {
      elapsedMs += 3_000;
      return Promise.reject(failure);
    });
    fakes.batches.stopRetrying();
    const recorded = await recordMany(fakes, 10);
    now.mockRestore();
    expect(recorded.every(({ status }) => status === 'rejected')).toBe(true);
    expect(fakes.record.mock.calls.length).toBeLessThanOrEqual(3);
  });
});
