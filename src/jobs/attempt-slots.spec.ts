import { NoMeasurements } from '../common/measurements';
import type { AppConfig } from '../config/app-config';
import { AttemptSlots } from './attempt-slots';
import type { ClaimedOrder, Lease } from './claimed-order';
import type { LeaseRenewal } from './lease-renewal';
import type { OrderAttempts } from './order-attempts';
import type { OrderLeases } from './order-leases';
import type { ResultBatches } from './result-batches';

const BATCH_SIZE = 2;

describe('AttemptSlots', () => {
  it('has no free slot while the results of two batches are not recorded', async () => {
    const recordings: (() => void)[] = [];
    const attempts = { run: (order: ClaimedOrder) => Promise.resolve({ order, kind: 'complete' }) };
    const leases = { begin: (begun: readonly Lease[]) => Promise.resolve(new Set(begun)) };
    const renewal = { start: () => undefined, stop: () => undefined };
    const results = {
      record: () => new Promise((resolve) => recordings.push(() => resolve(true))),
    };
    const slots = new AttemptSlots(
      attempts as unknown as OrderAttempts,
      leases as unknown as OrderLeases,
      renewal as unknown as LeaseRenewal,
      results as unknown as ResultBatches,
      { processing: { concurrency: 10, batchSize: BATCH_SIZE } } as AppConfig,
      new NoMeasurements(),
    );
    const beginAndEnd = async (id: number) => {
      const lease = { unendedOrderIds: new Set([id]) } as Lease;
      await slots.begin([{ id, lease } as ClaimedOrder]);
      await slots.until(() => recordings.length === id);
    };

    for (let id = 1; id < 2 * BATCH_SIZE; id++) await beginAndEnd(id);
    expect(slots.free).toBe(10);
    await beginAndEnd(2 * BATCH_SIZE);
    expect(slots.free).toBe(0);
    expect(slots.areAllFree).toBe(true);

    recordings[0]?.();
    await slots.until(() => slots.free > 0, 1_000);
    expect(slots.free).toBe(10);
  });
});
