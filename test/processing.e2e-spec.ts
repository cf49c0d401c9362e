import { setTimeout as delay } from 'node:timers/promises';
import { AbandonedOrders } from '../src/jobs/abandoned-orders';
import { OrderClaims } from '../src/jobs/order-claims';
import type { ApiClient } from './support/api-client';
import { EVERY_SECOND } from './support/cron';
import { expireLeases, reclaimAll } from './support/due';
import { completeClaim } from './support/end-claim';
import { failCommitsOf } from './support/fail-commits';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';
import { moveWallClock, resetWallClock } from './support/wall-clock';

describe('the processing job', () => {
  const app = TestApp.forEachTest({ PROCESSING_CONCURRENCY: '5', PROCESSING_BATCH_SIZE: '8' });
  let user: ApiClient;

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  it('completes every pending order, and no cancelled one', async () => {
    const ids = await user.placeOrders(20);
    const cancelled = await user.placeOrder();
    await user.patch(`/orders/${cancelled.id}/cancel`).expect(200);

    expect(await app.processor.runOnce()).toBe(20);

    for (const id of ids)
      expect(await user.path(id)).toEqual(['pending', 'processing', 'completed']);
    expect(await user.order(ids[0]!)).toMatchObject({
      status: 'completed',
      allowed_actions: [],
      completed_at: expect.any(String),
    });
    expect(await user.path(cancelled.id)).toEqual(['pending', 'cancelled']);
    expect(app.fulfilment.fulfilled.toSorted((a, b) => a - b)).toEqual(
      ids.toSorted((a, b) => a - b),
    );
  });

  it('is recorded as the system in the history', async () => {
    const { id } = await user.placeOrder();
    await app.processor.runOnce();
    const [, ...transitions] = await user.history(id);
    expect(transitions).toMatchObject([
      { sequence: 2, from: 'pending', to: 'processing', actor: { type: 'system', id: null } },
      { sequence: 3, from: 'processing', to: 'completed', actor: { type: 'system', id: null } },
    ]);
  });

  it('runs up to PROCESSING_CONCURRENCY attempts at the same time', async () => {
    await user.placeOrders(20);
    let running = 0;
    let peak = 0;
    app.fulfilment.script = async () => {
      peak = Math.max(peak, ++running);
      await delay(20);
      running--;
    };
    await app.processor.runOnce();
    expect(peak).toBe(5);
  });

  it('processes orders that are placed during the run', async () => {
    const [first] = await user.placeOrders(1);
    const late: number[] = [];
    app.fulfilment.script = async ({ id }) => {
      if (id === first) late.push(...(await user.placeOrders(3)));
    };
    expect(await app.processor.runOnce()).toBe(4);
    for (const id of late) expect((await user.order(id)).status).toBe('completed');
  });

  it('fault 5: starts no second run during a run, which processes new orders instead', async () => {
    const [slow] = await user.placeOrders(1);
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    app.fulfilment.script = ({ id }) => (id === slow ? finished : Promise.resolve());
    const run = app.processor.runOnce();
    await waitUntil(() => app.fulfilment.started === 1);
    const [late] = await user.placeOrders(1);

    expect(await app.processor.runOnce()).toBe(0);
    await waitUntil(async () => (await user.order(late!)).status === 'completed');
    expect((await user.order(slow!)).status).toBe('processing');

    finish();
    expect(await run).toBe(2);
    expect(app.fulfilment.started).toBe(2);
  });

  it('rejects the cancellation of an order in processing', async () => {
    const { id } = await user.placeOrder();
    let response: { status: number; body: unknown } | undefined;
    app.fulfilment.script = async () => {
      response = await user.patch(`/orders/${id}/cancel`);
    };
    await app.processor.runOnce();
    expect(response).toMatchObject({ status: 409, body: { current_status: 'processing' } });
    expect(await user.path(id)).toEqual(['pending', 'processing', 'completed']);
  });

  it('fault 3: drops the completion of a worker whose order was reclaimed', async () => {
    const { id } = await user.placeOrder();
    const claims = app.nest.get(OrderClaims);
    const [stalled] = await claims.claim(1);
    await reclaimAll(app);
    const [current] = await claims.claim(1);

    expect(current).toMatchObject({ id });
    expect(await completeClaim(app, stalled!)).toBe(false);
    expect((await user.order(id)).status).toBe('processing');
    expect(await completeClaim(app, current!)).toBe(true);
    expect(await user.path(id)).toEqual([
      'pending',
      'processing',
      'pending',
      'processing',
      'completed',
    ]);
  });

  it('fault 10: reclaims orders by the clock of the database', async () => {
    await user.placeOrder();
    await app.nest.get(OrderClaims).claim(1);
    moveWallClock(10 * 60_000);
    const reclaimed = await app.nest.get(AbandonedOrders).reclaim();
    resetWallClock();
    expect(reclaimed).toBe(0);
  });

  it('fault 23: takes no order back, and claims none, when the commit fails', async () => {
    const [abandoned] = await user.placeOrders(1);
    const claims = app.nest.get(OrderClaims);
    await claims.claim(1);
    await expireLeases(app);
    const [pending] = await user.placeOrders(1);
    await failCommitsOf(app.dataSource, 'order_history');

    await expect(app.nest.get(AbandonedOrders).reclaim()).rejects.toThrow(/foreign key/i);
    await expect(claims.claim(10)).rejects.toThrow(/foreign key/i);
    expect((await user.order(abandoned!)).status).toBe('processing');
    expect(await user.order(pending!)).toMatchObject({ status: 'pending', attempts: 0 });
    expect(app.logLines.filter(({ msg }) => String(msg).startsWith('Reclaimed'))).toEqual([]);
  });

  it('fault 6: gives each order to one of many concurrent claims', async () => {
    const ids = await user.placeOrders(60);
    const claims = app.nest.get(OrderClaims);
    const batches = await Promise.all(Array.from({ length: 12 }, () => claims.claim(10)));

    for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(10);
    const claimed = batches.flat().map(({ id }) => id);
    expect(new Set(claimed).size).toBe(claimed.length);
    const rest = await claims.claim(100); // those that SKIP LOCKED skipped
    expect([...claimed, ...rest.map(({ id }) => id)].toSorted((a, b) => a - b)).toEqual(
      ids.toSorted((a, b) => a - b),
    );
  });
});

describe('the processing schedule', () => {
  it('runs at the times of PROCESSING_CRON', async () => {
    const app = await TestApp.start({ PROCESSING_ENABLED: 'true', PROCESSING_CRON: EVERY_SECOND });
    try {
      const user = await app.api.signUp();
      const { id } = await user.placeOrder();
      await waitUntil(async () => (await user.order(id)).status === 'completed');
    } finally {
      await app.stop();
    }
  });
});
