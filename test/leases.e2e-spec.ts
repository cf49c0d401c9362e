import { AbandonedOrders } from '../src/jobs/abandoned-orders';
import { ClaimResults } from '../src/jobs/claim-results';
import type { ClaimedOrder } from '../src/jobs/claimed-order';
import type { FulfilmentContext } from '../src/jobs/fulfilment-step';
import { OrderClaims } from '../src/jobs/order-claims';
import { OrderLeases } from '../src/jobs/order-leases';
import { ResultBatches } from '../src/jobs/result-batches';
import type { ApiClient } from './support/api-client';
import { expireLeases, reclaimAll } from './support/due';
import { TestApp } from './support/test-app';
import { moveWallClock, resetWallClock } from './support/wall-clock';
import { waitUntil } from './support/wait-until';

/** The last of four renewals is due a fifth of it before its end: enough for a busy machine. */
const LEASE_SECONDS = 8;

describe('a lease', () => {
  afterEach(() => {
    resetWallClock();
    jest.restoreAllMocks();
  });

  const app = TestApp.forEachTest({
    PROCESSING_LEASE_SECONDS: String(LEASE_SECONDS),
    PROCESSING_BATCH_SIZE: '10',
  });
  let user: ApiClient;
  let claims: OrderClaims;
  let leases: OrderLeases;

  beforeEach(async () => {
    app.fulfilment.timeoutMs = 60_000;
    user = await app.api.signUp();
    claims = app.nest.get(OrderClaims);
    leases = app.nest.get(OrderLeases);
  });

  const reclaim = () => app.nest.get(AbandonedOrders).reclaim();
  const path = (id: number) => user.path(id);
  const dropped = () =>
    app.logLines.filter(({ msg }) => msg === 'Dropped the result of a lost claim');

  /** Claims the only order that is due, and begins its attempt. */
  const claimAndBegin = async () => {
    const [order] = [...(await claims.claim(1)), ...(await claims.claimAlone())];
    await leases.begin([order!.lease]);
    return order!;
  };

  it('that has expired cannot be renewed or begun, and its orders are released', async () => {
    const { id } = await user.placeOrder();
    const [order] = await claims.claim(1);
    await expireLeases(app);

    expect(await leases.begin([order!.lease])).toEqual(new Set());
    expect(await leases.renew([order!.lease])).toEqual(new Map([[order!.lease, 'lost']]));
    expect(await reclaim()).toBe(1);
    expect(await user.order(id)).toMatchObject({ status: 'pending', attempts: 0 });
  });

  it('is renewed and begun beside one that has expired', async () => {
    await user.placeOrder();
    await user.placeOrder();
    const [expired] = await claims.claim(1);
    await expireLeases(app);
    const [valid] = await claims.claim(1);
    const both = [expired!.lease, valid!.lease];
    expect(await leases.begin(both)).toEqual(new Set([valid!.lease]));
    expect([...(await leases.renew(both)).values()]).toEqual(['lost', 'renewed']);
  });

  it('survives three failed renewals in a row, as four are due before it ends', async () => {
    const { id } = await user.placeOrder();
    const renew = jest.spyOn(leases, 'renew');
    for (let n = 0; n < 3; n++) renew.mockRejectedValueOnce(new Error('unreachable'));
    const start = jest.spyOn(globalThis, 'setInterval');
    const clear = jest.spyOn(globalThis, 'clearInterval');
    app.fulfilment.script = async (_, { signal }) => {
      const [renewAll, intervalMs] = start.mock.lastCall!;
      expect(4 * intervalMs!).toBeLessThan(LEASE_SECONDS * 1_000);
      const end = performance.now() + LEASE_SECONDS * 1_000;
      // More often than the timer: after the failures, the lease never ends soon, even for a slow machine.
      const isOver = () => {
        renewAll();
        return signal.aborted || performance.now() > end;
      };
      await waitUntil(isOver, { deadlineMs: 25_000 });
      expect(clear).not.toHaveBeenCalledWith(start.mock.results.at(-1)!.value);
      expect(renew.mock.calls.length).toBeGreaterThan(4);
      expect(await reclaim()).toBe(0);
    };
    expect(await app.processor.runOnce()).toBe(1);
    expect(await user.order(id)).toMatchObject({ status: 'completed', attempts: 1 });
    expect(await path(id)).toEqual(['pending', 'processing', 'completed']);
  }, 60_000);

  it('that cannot be renewed aborts its attempts when it ends', async () => {
    const { id } = await user.placeOrder();
    jest.spyOn(leases, 'renew').mockRejectedValue(new Error('unreachable'));
    let abortedAfterMs = 0;
    app.fulfilment.script = async (_, { signal }) => {
      const startedAt = performance.now();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      abortedAfterMs = performance.now() - startedAt;
    };
    moveWallClock(-3_600_000);
    expect(await app.processor.runOnce()).toBe(0);
    expect(abortedAfterMs).toBeGreaterThan(LEASE_SECONDS * 500);
    expect(abortedAfterMs).toBeLessThanOrEqual(LEASE_SECONDS * 1_000 + 10_000);
    // The run may have reclaimed it, and attempted it again.
    expect(await path(id)).not.toContain('completed');
  }, 120_000);

  it('ends in its instance before others can reclaim it, however long the statements take', async () => {
    await user.placeOrder();
    let now = 1_000_000;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const create = leases.create.bind(leases);
    jest.spyOn(leases, 'create').mockImplementation((...given) => {
      const created = create(...given);
      now += 300; // between here and the response, the database computes the expiry
      return created;
    });
    const claimedAt = now;
    const [{ lease }] = (await claims.claim(1)) as [ClaimedOrder];
    expect(lease.endsAt).toBe(claimedAt + LEASE_SECONDS * 1_000);

    const renewedAt = now;
    const renewed = leases.renew([lease]);
    now += 300;
    expect(await renewed).toEqual(new Map([[lease, 'renewed']]));
    expect(lease.endsAt).toBe(renewedAt + LEASE_SECONDS * 1_000);
  });

  it('that ended before its attempts could begin releases them without an attempt', async () => {
    const { id } = await user.placeOrder();
    const original = claims.beginAndClaim.bind(claims);
    let calls = 0;
    jest.spyOn(claims, 'beginAndClaim').mockImplementation(async (begun, limit) => {
      const result = await original(begun, limit);
      // The instance stalled until the lease had ended.
      if (++calls === 2) for (const lease of begun) lease.endsAt = performance.now();
      return result;
    });
    const attempts: number[] = [];
    app.fulfilment.script = async (_, { attempt }) => void attempts.push(attempt);
    expect(await app.processor.runOnce()).toBe(1);
    expect(attempts).toEqual([1]);
    expect(await user.order(id)).toMatchObject({ status: 'completed', attempts: 1 });
    const released = ['pending', 'processing', 'pending', 'processing', 'completed'];
    expect(await path(id)).toEqual(released);
  });

  it.each([
    ['ahead', 10 * 60_000],
    ['back', -10 * 60_000],
  ])('fault 10: ends by the clock of the database when the wall clock is set %s', async (_, ms) => {
    await user.placeOrder();
    moveWallClock(ms);
    const [order] = await claims.claim(1);
    expect(await reclaim()).toBe(0);
    expect(await leases.begin([order!.lease])).toEqual(new Set([order!.lease]));
    expect(await leases.renew([order!.lease])).toEqual(new Map([[order!.lease, 'renewed']]));
    expect(await reclaim()).toBe(0);
    await waitUntil(async () => (await reclaim()) === 1, {
      description: 'the lease has expired, and the order is reclaimed',
      deadlineMs: LEASE_SECONDS * 1_000 + 5_000,
    });
  });

  it('fault 3: that is lost drops its result, also beside results of other orders', async () => {
    const lost = await user.placeOrder();
    const stale = await claimAndBegin();
    await reclaimAll(app);
    const current = await claimAndBegin();
    const others = [await user.placeOrder(), await user.placeOrder()];
    const claimed = await claims.claim(2);

    const results = app.nest.get(ClaimResults);
    const batches = app.nest.get(ResultBatches);
    const recorded = await Promise.all(
      [claimed[0]!, stale, claimed[1]!].map((order) => batches.record(results.complete(order))),
    );
    expect(recorded).toEqual(['complete', undefined, 'complete']);
    expect(dropped()).toMatchObject([{ order_id: lost.id }]);
    expect((await user.order(lost.id)).status).toBe('processing');
    for (const { id } of others) expect((await user.order(id)).status).toBe('completed');
    expect(await batches.record(results.complete(current))).toBe('complete');
  });

  it('fault 3: that is lost drops its result beside the one of the current attempt', async () => {
    const { id } = await user.placeOrder();
    const stale = await claimAndBegin();
    await reclaimAll(app);
    const current = await claimAndBegin();

    const results = app.nest.get(ClaimResults);
    const batches = app.nest.get(ResultBatches);
    const recorded = await Promise.all([
      batches.record(results.fail(current, 'Current')),
      batches.record(results.fail(stale, 'Stale')),
    ]);
    expect(recorded).toEqual(['fail', undefined]);
    expect(dropped()).toHaveLength(1);
    expect(await user.order(id)).toMatchObject({ failure_reason: 'Current', attempts: 2 });
    expect((await user.history(id)).at(-1)).toMatchObject({ to: 'failed', reason: 'Current' });
  });

  it('that an instance lost to itself counts the result of the later attempt only', async () => {
    const { id } = await user.placeOrder();
    const signals: FulfilmentContext['signal'][] = [];
    let finishFirst = (): void => undefined;
    app.fulfilment.script = async (_, { attempt, signal }) => {
      signals.push(signal);
      if (attempt > 1) return;
      await new Promise<void>((resolve) => (finishFirst = resolve));
    };
    const run = app.processor.runOnce();
    await waitUntil(() => signals.length === 1);
    await expireLeases(app);
    await waitUntil(() => signals[0]!.aborted);
    finishFirst();
    await run;
    await waitUntil(async () => {
      await app.processor.runOnce();
      return (await user.order(id)).status === 'completed';
    });
    expect(app.fulfilment.started).toBe(2);
    expect(await user.order(id)).toMatchObject({ attempts: 2 });
    const twice = ['pending', 'processing', 'pending', 'processing', 'completed'];
    expect(await path(id)).toEqual(twice);
  });
});
