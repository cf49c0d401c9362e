import type { QueryRunner } from 'typeorm';
import { AbandonedOrders } from '../../../src/jobs/abandoned-orders';
import { ClaimResults } from '../../../src/jobs/claim-results';
import { OrderClaims } from '../../../src/jobs/order-claims';
import { OrderLeases } from '../../../src/jobs/order-leases';
import type { ApiClient } from '../../support/api-client';
import { expireLeases } from '../../support/due';
import { checkHistories } from '../../support/history-checker';
import { TestApp } from '../../support/test-app';
import { waitUntil } from '../../support/wait-until';

/** Longer than a machine stands still: a lease that is not renewed in time expires. */
const LEASE_SECONDS = 10;
const ONCE = ['pending', 'processing', 'completed'];

describe('while another transaction holds a lock, the processing job', () => {
  let other: QueryRunner;
  afterEach(async () => {
    jest.restoreAllMocks();
    await unlock();
    await other.release();
    await checkHistories(app.dataSource, []);
  });

  const app = TestApp.forEachTest({
    PROCESSING_LEASE_SECONDS: String(LEASE_SECONDS),
    PROCESSING_BATCH_SIZE: '10',
  });
  let user: ApiClient;
  let claims: OrderClaims;

  beforeEach(async () => {
    app.fulfilment.timeoutMs = 60_000;
    user = await app.api.signUp();
    claims = app.nest.get(OrderClaims);
    other = app.dataSource.createQueryRunner();
    await other.startTransaction();
    await other.query('SET LOCAL idle_in_transaction_session_timeout = 0');
  });

  const lockOrder = (id: number) =>
    other.query('SELECT id FROM orders WHERE id = $1 FOR UPDATE', [id]);
  const unlock = async () => {
    if (other.isTransactionActive) await other.rollbackTransaction();
  };
  const reclaim = () => app.nest.get(AbandonedOrders).reclaim();
  const status = async (id: number) => (await user.order(id)).status;
  const pastLease = () => {
    const end = performance.now() + LEASE_SECONDS * 1_200;
    return () => performance.now() > end;
  };

  it('fault 24: claims the other orders when a pending one is locked, and it afterwards', async () => {
    const ids = await user.placeOrders(4);
    await lockOrder(ids[0]!);
    expect(await app.processor.runOnce()).toBe(3);
    expect(await user.order(ids[0]!)).toMatchObject({ status: 'pending', attempts: 0 });
    await unlock();
    expect(await app.processor.runOnce()).toBe(1);
    for (const id of ids) expect(await user.path(id)).toEqual(ONCE);
  });

  it('does not wait for another claim, and takes other orders', async () => {
    const ids = await user.placeOrders(4);
    let isHeld = false;
    let finish = (): void => undefined;
    const create = app.nest.get(OrderLeases);
    const original = create.create.bind(create);
    jest.spyOn(create, 'create').mockImplementationOnce(async (...given) => {
      isHeld = true;
      await new Promise<void>((resolve) => (finish = resolve));
      return original(...given);
    });
    const first = claims.claim(2);
    await waitUntil(() => isHeld);
    const second = await claims.claim(2);
    finish();
    expect((await first).map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(second.map(({ id }) => id)).toEqual(ids.slice(2));
  });

  it('fault 24: renews all leases, and records other results, when an order in processing is locked', async () => {
    const [locked, quick, slow] = (await user.placeOrders(3)) as [number, number, number];
    const isPastLease = pastLease();
    let finished = 0;
    app.fulfilment.script = async ({ id }, { signal }) => {
      if (id === locked) await lockOrder(locked);
      else await waitUntil(() => other.isTransactionActive && app.fulfilment.started === 3);
      if (id === slow) await waitUntil(() => isPastLease() || signal.aborted);
      finished++;
    };
    const run = app.processor.runOnce();
    await waitUntil(async () => (await status(quick)) === 'completed');
    await waitUntil(async () => {
      expect(await reclaim()).toBe(0);
      return isPastLease();
    });
    await waitUntil(async () => (await status(slow)) === 'completed');
    expect(await status(locked)).toBe('processing');
    expect(finished).toBe(3);

    await unlock();
    expect(await run).toBe(3);
    for (const id of [locked, quick, slow]) expect(await user.path(id)).toEqual(ONCE);
  });

  it('fault 24: records results without delay when the lease of one is locked', async () => {
    const [first, second] = (await user.placeOrders(2)) as [number, number];
    const [a] = await claims.claim(1);
    const [b] = await claims.claim(1);
    const leases = app.nest.get(OrderLeases);
    await leases.begin([a!.lease, b!.lease]);
    await other.query('SELECT 1 FROM order_leases WHERE token = $1 FOR UPDATE', [a!.lease.token]);

    const renewals = await leases.renew([a!.lease, b!.lease]);
    expect([...renewals.values()]).toEqual(['locked', 'renewed']);
    expect(await reclaim()).toBe(0);
    const results = app.nest.get(ClaimResults);
    await results.record([results.complete(a!), results.complete(b!)]);
    for (const id of [first, second]) expect(await user.path(id)).toEqual(ONCE);

    // The lease that could not be deleted is deleted after its end.
    await unlock();
    await expireLeases(app);
    expect(await reclaim()).toBe(0);
    expect(await app.dataSource.query('SELECT * FROM order_leases')).toEqual([]);
  });

  it('fault 24: records the other results of a batch when one of its orders is locked', async () => {
    const [locked, free] = (await user.placeOrders(2)) as [number, number];
    const claimed = await claims.claim(2);
    await lockOrder(locked);
    const results = app.nest.get(ClaimResults);
    const ended = await results.record(claimed.map((order) => results.complete(order)));
    expect(ended).toEqual(new Set([free]));
    expect([await status(locked), await status(free)]).toEqual(['processing', 'completed']);
  });

  it('fault 24: aborts no attempt while its lease is locked and valid', async () => {
    const [id] = (await user.placeOrders(1)) as [number];
    const leases = app.nest.get(OrderLeases);
    const renew = jest.spyOn(leases, 'renew');
    app.fulfilment.script = async (_, { signal }) => {
      await other.query('SELECT 1 FROM order_leases FOR UPDATE');
      const before = renew.mock.calls.length;
      await waitUntil(() => renew.mock.calls.length > before + 1 || signal.aborted);
      expect(await reclaim()).toBe(0);
      await unlock();
      const isPastLease = pastLease();
      await waitUntil(() => isPastLease() || signal.aborted);
    };
    expect(await app.processor.runOnce()).toBe(1);
    expect(await user.path(id)).toEqual(ONCE);
  });

  it('fault 23: counts no attempt, and records results later, when the history is locked as for an index', async () => {
    const ids = await user.placeOrders(3);
    let isLocked = false;
    app.fulfilment.script = async ({ id }) => {
      if (id === ids[0] && !isLocked) {
        await other.query('LOCK TABLE order_history IN SHARE MODE');
        isLocked = true;
      }
    };
    const [first] = ids as [number, ...number[]];
    await app.dataSource.query(
      `UPDATE orders SET next_attempt_at = next_attempt_at + interval '1 hour' WHERE id <> ${first}`,
    );
    const run = Promise.allSettled([app.processor.runOnce()]);
    await waitUntil(() => isLocked);
    await app.dataSource.query(
      `UPDATE orders SET next_attempt_at = created_at WHERE status = 'pending'`,
    );
    // On a machine that stands still, the client gives the statement up before the lock does.
    await waitUntil(async () => {
      const [result] = await Promise.allSettled([claims.claim(2)]);
      expect(result.status).toBe('rejected');
      return (result as { reason?: { code?: string } }).reason?.code === '55P03';
    });
    for (const id of ids.slice(1)) {
      expect(await user.order(id)).toMatchObject({ status: 'pending', attempts: 0 });
    }
    expect(await status(first)).toBe('processing');

    await unlock();
    await run;
    await app.processor.runOnce();
    for (const id of ids) {
      expect(await user.order(id)).toMatchObject({ status: 'completed', attempts: 1 });
      expect(await user.path(id)).toEqual(ONCE);
    }
  });
});
