import { setTimeout as delay } from 'node:timers/promises';
import { AbandonedOrders } from '../src/jobs/abandoned-orders';
import { OrderClaims } from '../src/jobs/order-claims';
import { OrderLeases } from '../src/jobs/order-leases';
import { failed, postponed, succeeded } from '../src/jobs/fulfilment-step';
import { type ApiClient, expectProblem } from './support/api-client';
import { makePostponedOrdersDue, reclaimAll } from './support/due';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

describe('a failed attempt', () => {
  const app = TestApp.forEachTest({ PROCESSING_MAX_ATTEMPTS: '3', PROCESSING_LEASE_SECONDS: '5' });
  let user: ApiClient;

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  const nextAttemptInSeconds = async (id: number) => {
    const [row] = (await app.dataSource.query(
      `SELECT next_attempt_at FROM orders WHERE id = ${id}`,
    )) as [{ next_attempt_at: string | Date }];
    return (new Date(row.next_attempt_at).getTime() - Date.now()) / 1_000;
  };

  it('postpones its order, while the others are completed', async () => {
    const bad = await user.placeOrder();
    const good = await user.placeOrder();
    app.fulfilment.script = async ({ id }) => {
      if (id === bad.id) throw new Error('secret detail');
    };
    expect(await app.processor.runOnce()).toBe(1);

    expect((await user.order(good.id)).status).toBe('completed');
    expect(await user.order(bad.id)).toMatchObject({
      status: 'pending',
      allowed_actions: ['cancel'],
      attempts: 1,
      failure_reason: null,
    });
    const [, , postponement] = await user.history(bad.id);
    expect(postponement).toMatchObject({
      from: 'processing',
      to: 'pending',
      actor: { type: 'system', id: null },
      reason: 'An unexpected error occurred',
    });
    const wait = await nextAttemptInSeconds(bad.id);
    expect(wait).toBeGreaterThan(1);
    expect(wait).toBeLessThan(10);
    expect(await app.processor.runOnce()).toBe(0);
  });

  it('shows the error in the log, but not to the owner', async () => {
    const { id } = await user.placeOrder();
    app.fulfilment.script = () => Promise.reject(new Error('secret detail'));
    await app.processor.runOnce();
    expect(JSON.stringify(await user.history(id))).not.toContain('secret');
    expect(app.logLines).toContainEqual(
      expect.objectContaining({
        msg: 'An attempt failed',
        order_id: id,
        attempt: 1,
        step: 'scripted',
        err: expect.objectContaining({
          message: 'The step "scripted" failed',
          cause: expect.objectContaining({ message: 'secret detail' }) as object,
        }) as object,
      }),
    );
  });

  it('is followed by further attempts until one succeeds', async () => {
    const { id } = await user.placeOrder();
    app.fulfilment.script = async (_, { attempt }) =>
      attempt < 3 ? postponed('Not yet') : succeeded;
    for (let run = 0; run < 3; run++) {
      await app.processor.runOnce();
      await makePostponedOrdersDue(app);
    }
    expect(await user.order(id)).toMatchObject({ status: 'completed', attempts: 3 });
    expect((await user.history(id)).map(({ to, reason }) => [to, reason])).toEqual([
      ['pending', null],
      ['processing', null],
      ['pending', 'Not yet'],
      ['processing', null],
      ['pending', 'Not yet'],
      ['processing', null],
      ['completed', null],
    ]);
  });

  it('fails the order when it was the last attempt', async () => {
    const { id } = await user.placeOrder();
    app.fulfilment.script = () => Promise.resolve(postponed('The warehouse is closed'));
    for (let run = 0; run < 4; run++) {
      await app.processor.runOnce();
      await makePostponedOrdersDue(app);
    }
    expect(await user.order(id)).toMatchObject({
      status: 'failed',
      allowed_actions: [],
      attempts: 3,
      failure_reason: 'The warehouse is closed',
    });
    expectProblem(await user.patch(`/orders/${id}/cancel`), 409, 'order_not_cancellable');
  });

  it('stores the reason of a step without NUL, up to 500 characters', async () => {
    const { id } = await user.placeOrder();
    const reason = `No\0 such ${'x'.repeat(600)}`;
    app.fulfilment.script = () => Promise.resolve(failed(reason));
    await app.processor.runOnce();
    expect((await user.order(id)).failure_reason).toBe(`No such ${'x'.repeat(492)}`);
  });

  it('fails the order at once when the step returns failed', async () => {
    const { id } = await user.placeOrder();
    app.fulfilment.script = () => Promise.resolve(failed('No such product'));
    await app.processor.runOnce();
    expect(await user.order(id)).toMatchObject({
      status: 'failed',
      attempts: 1,
      failure_reason: 'No such product',
    });
    expect(await user.path(id)).toEqual(['pending', 'processing', 'failed']);
  });

  it('postpones the order by the delay that the step requests', async () => {
    const { id } = await user.placeOrder();
    app.fulfilment.script = () => Promise.resolve(postponed('Restocking', 1_800));
    await app.processor.runOnce();
    const wait = await nextAttemptInSeconds(id);
    expect(wait).toBeGreaterThan(1_790);
    expect(wait).toBeLessThan(1_801);
  });

  it.each<[unknown, number, number]>([
    [Number.NaN, 1, 10],
    ['soon', 1, 10],
    [Number.POSITIVE_INFINITY, 31_535_000, 31_536_000],
    [1e15, 31_535_000, 31_536_000],
  ])(
    'postpones the order when the step requests a delay of %p',
    async (seconds, atLeast, atMost) => {
      const { id } = await user.placeOrder();
      app.fulfilment.script = () => Promise.resolve(postponed('Later', seconds as number));
      await app.processor.runOnce();
      expect(await user.path(id)).toEqual(['pending', 'processing', 'pending']);
      const wait = await nextAttemptInSeconds(id);
      expect(wait).toBeGreaterThan(atLeast);
      expect(wait).toBeLessThan(atMost);
    },
  );

  it.each([
    [
      'throws',
      () => {
        throw new Error('thrown');
      },
    ],
    ['rejects', () => Promise.reject(new Error('rejected'))],
    // oxlint-disable-next-line prefer-promise-reject-errors -- what a faulty step may do
    ['rejects with a string', () => Promise.reject('a string')],
    ['returns an unknown outcome', () => Promise.resolve({ kind: 'nonsense' } as never)],
  ])('fault 4: counts when its step %s', async (_, script) => {
    const { id } = await user.placeOrder();
    const other = await user.placeOrder();
    app.fulfilment.script = (order) => (order.id === id ? script() : Promise.resolve());
    await app.processor.runOnce();
    expect((await user.order(other.id)).status).toBe('completed');
    expect(await user.order(id)).toMatchObject({ status: 'pending', attempts: 1 });
  });

  it('fault 4: ends at its deadline, and a later result of the step is dropped', async () => {
    const { id } = await user.placeOrder();
    let finish = (): void => undefined;
    let aborted = false;
    app.fulfilment.script = (_, { signal }) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise((resolve) => (finish = () => resolve()));
    };
    expect(await app.processor.runOnce()).toBe(0);
    expect(aborted).toBe(true);
    const [, , postponement] = await user.history(id);
    expect(postponement).toMatchObject({ to: 'pending', reason: 'Not finished within 4 s' });
    finish();
    await delay(20);
    expect(await user.path(id)).toEqual(['pending', 'processing', 'pending']);
  });

  it('leaves an order that its owner can cancel', async () => {
    const { id } = await user.placeOrder();
    app.fulfilment.script = () => Promise.resolve(postponed('Not yet'));
    await app.processor.runOnce();
    await user.patch(`/orders/${id}/cancel`).expect(200);
    await makePostponedOrdersDue(app);
    expect(await app.processor.runOnce()).toBe(0);
    expect(await user.path(id)).toEqual(['pending', 'processing', 'pending', 'cancelled']);
  });

  it('counts when its process died, so that an order that kills processes fails', async () => {
    const { id } = await user.placeOrder();
    const claims = app.nest.get(OrderClaims);
    for (let attempt = 1; attempt <= 3; attempt++) {
      const claimed = attempt === 1 ? await claims.claim(10) : await claims.claimAlone();
      expect(claimed).toMatchObject([{ id, attempts: attempt }]);
      await app.nest.get(OrderLeases).begin(claimed.map(({ lease }) => lease));
      await reclaimAll(app);
    }
    expect(await claims.claimAlone()).toEqual([]);
    expect(await user.order(id)).toMatchObject({
      status: 'failed',
      attempts: 3,
      failure_reason: 'The process that worked on the last attempt did not finish it',
    });
    const reclaimed = ['processing', 'pending'];
    expect(await user.path(id)).toEqual([
      'pending',
      ...reclaimed,
      ...reclaimed,
      'processing',
      'failed',
    ]);
  });
});

describe('a lease', () => {
  const app = TestApp.forEachTest({ PROCESSING_LEASE_SECONDS: '8' });
  let user: ApiClient;

  beforeEach(async () => {
    user = await app.api.signUp();
    app.fulfilment.timeoutMs = 60_000;
  });

  it('is renewed while an attempt takes longer than the lease', async () => {
    const { id } = await user.placeOrder();
    app.fulfilment.script = async () => {
      const deadline = performance.now() + 10_000;
      while (performance.now() < deadline) {
        await delay(50);
        expect(await app.nest.get(AbandonedOrders).reclaim()).toBe(0);
      }
    };
    expect(await app.processor.runOnce()).toBe(1);
    expect(await user.order(id)).toMatchObject({ status: 'completed', attempts: 1 });
  }, 60_000);

  it('that is lost aborts the attempt, and its result is dropped', async () => {
    const { id } = await user.placeOrder();
    let reason: unknown;
    app.fulfilment.script = async (_, { signal }) => {
      await reclaimAll(app); // as another instance would
      await app.nest.get(OrderClaims).claimAlone();
      await waitUntil(() => signal.aborted);
      reason = signal.reason;
    };
    expect(await app.processor.runOnce()).toBe(0);
    await waitUntil(() => reason !== undefined);
    expect(reason).toMatchObject({ message: 'The claim was lost' });
    expect(await user.path(id)).toEqual(['pending', 'processing', 'pending', 'processing']);
    expect(await user.order(id)).toMatchObject({ status: 'processing', attempts: 2 });
  });
});

describe('a shutdown', () => {
  const app = TestApp.forEachTest({ PROCESSING_CONCURRENCY: '2', PROCESSING_BATCH_SIZE: '10' });
  let user: ApiClient;

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  it('fault 18: waits for running attempts, and releases the other orders without counting an attempt', async () => {
    const ids = await user.placeOrders(5);
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    app.fulfilment.script = () => finished;
    const run = app.processor.runOnce();
    await waitUntil(() => app.fulfilment.started === 2);

    app.processor.onModuleDestroy();
    const shutdown = app.processor.beforeApplicationShutdown();
    finish();
    await Promise.all([run, shutdown]);

    expect(app.fulfilment.started).toBe(2);
    for (const id of ids.slice(0, 2)) expect((await user.order(id)).status).toBe('completed');
    for (const id of ids.slice(2)) {
      expect(await user.order(id)).toMatchObject({ status: 'pending', attempts: 0 });
      expect(await user.path(id)).toEqual(['pending']);
    }
  });
});
