import { Logger } from '@nestjs/common';
import { DatabaseUnavailableError } from '../src/database/database-unavailable.error';
import { type FulfilmentOutcome, failed, postponed } from '../src/jobs/fulfilment-step';
import { OrderClaims } from '../src/jobs/order-claims';
import { HOOKED_TRANSITIONS, type TransitionHook } from '../src/orders/on-transition.decorator';
import { Order } from '../src/orders/order.entity';
import type { ApiClient } from './support/api-client';
import { makePostponedOrdersDue, reclaimAll } from './support/due';
import { RecordingHooks, ShippedError, never, recordedFor } from './support/recording-hooks';
import { TestApp } from './support/test-app';

const VETO = 'The parcel is on its way';
const UNEXPECTED = 'An unexpected error occurred';

/** How a hook fails, and the reason that the owner of the order reads. */
const FAILURES: [fault: string, script: TransitionHook, reason: string][] = [
  ['vetoes', () => Promise.reject(new ShippedError()), VETO],
  ['throws', () => Promise.reject(new Error('A defect')), UNEXPECTED],
  ['hangs', never, UNEXPECTED],
  ['sends a wrong statement', ({ manager }) => manager.query('SELECT 1 FROM missing'), UNEXPECTED],
];

describe('hooks of the transitions of the job', () => {
  const hooks = new RecordingHooks(HOOKED_TRANSITIONS);
  const app = TestApp.forEachTest({}, hooks.extensions);
  let user: ApiClient;

  beforeEach(async () => {
    hooks.reset();
    user = await app.api.signUp();
  });

  const recorded = (id: number) => recordedFor(app.dataSource, id);
  const logged = (msg: string) => app.logLines.filter((line) => line['msg'] === msg);
  const lastReason = async (id: number) => (await user.history(id)).at(-1)?.reason;
  const statuses = async (ids: readonly number[]) =>
    Promise.all(ids.map(async (id) => (await user.order(id)).status));
  const completed = (count: number) => Array<string>(count).fill('completed');

  describe.each(['complete', 'claim'] as const)('%s', (name) => {
    it.each(FAILURES)(
      'postpones the order of a hook that %s, and no other of the batch',
      async (_fault, script, reason) => {
        const ids = await user.placeOrders(30);
        const [id = 0] = ids.splice(12, 1);
        hooks.scriptFor(id, name, script);
        expect(await app.processor.runOnce()).toBe(29);

        expect(await statuses(ids)).toEqual(completed(29));
        expect(await user.order(id)).toMatchObject({ status: 'pending', attempts: 1 });
        expect(await user.path(id)).toEqual(['pending', 'processing', 'pending']);
        expect(await lastReason(id)).toBe(reason);
        expect(await recorded(ids[0]!)).toEqual(['1 place', '2 claim', '3 complete']);
        // A vetoed claim is recorded in the history, as each attempt, but not by its hooks.
        expect(await recorded(id)).toEqual(
          name === 'claim' ? ['1 place', '3 postpone'] : ['1 place', '2 claim', '3 postpone'],
        );
        const msg = reason === VETO ? 'A hook vetoed a transition' : 'A hook failed';
        expect(logged(msg)).toMatchObject([
          { order_id: id, transition: name, hook: 'Hooks.record', consequence: 'postpone' },
        ]);
        expect(app.fulfilment.fulfilled.includes(id)).toBe(name === 'complete');

        hooks.reset();
        await makePostponedOrdersDue(app);
        expect(await app.processor.runOnce()).toBe(1);
        expect(await user.order(id)).toMatchObject({ status: 'completed', attempts: 2 });
      },
    );

    it('blames no order whose hook succeeds when the order is moved alone', async () => {
      const ids = await user.placeOrders(20);
      let calls = 0;
      hooks.script = (_tx, _order, transition) => {
        if (transition.name === name && ++calls === 10) throw new Error('The batch took too long');
      };
      expect(await app.processor.runOnce()).toBe(20);
      for (const id of ids) expect(await recorded(id)).toHaveLength(3);
    });

    it('postpones a vetoed order by the delay of the error', async () => {
      const [id = 0] = await user.placeOrders(1);
      hooks.scriptFor(id, name, () => Promise.reject(new ShippedError()));
      await app.processor.runOnce();
      const { nextAttemptAt, updatedAt } = await app.dataSource
        .getRepository(Order)
        .findOneByOrFail({ id });
      expect((nextAttemptAt!.getTime() - updatedAt.getTime()) / 1_000).toBeCloseTo(1_000, -1);
    });

    it('fails the order when the vetoed attempt was the last one', async () => {
      const [id = 0] = await user.placeOrders(1);
      hooks.scriptFor(id, name, () => Promise.reject(new ShippedError()));
      for (let attempt = 0; attempt < 5; attempt++) {
        await makePostponedOrdersDue(app);
        await app.processor.runOnce();
      }
      expect(await user.order(id)).toMatchObject({
        status: 'failed',
        attempts: 5,
        failure_reason: VETO,
      });
      expect((await recorded(id)).at(-1)).toBe('11 fail');
    });

    it('ends the run when all orders are vetoed', async () => {
      const ids = await user.placeOrders(12);
      hooks.script = (_tx, _order, transition) => {
        if (transition.name === name) throw new ShippedError();
      };
      expect(await app.processor.runOnce()).toBe(0);
      for (const id of ids) expect(await lastReason(id)).toBe(VETO);
    });

    it('calls the hook again while the database is unavailable', async () => {
      const [id = 0] = await user.placeOrders(1);
      let failures = 0;
      hooks.scriptFor(id, name, () => {
        if (failures++ < 2) throw new DatabaseUnavailableError('The connection was lost');
      });
      expect(await app.processor.runOnce()).toBe(1);
      expect(await user.order(id)).toMatchObject({ status: 'completed', attempts: 1 });
      expect(await recorded(id)).toEqual(['1 place', '2 claim', '3 complete']);
    });
  });

  it('postpone an order that runs alone when its claim is vetoed', async () => {
    const [id = 0] = await user.placeOrders(1);
    await app.nest.get(OrderClaims).beginAndClaim([], 1);
    await app.dataSource.query('UPDATE order_leases SET begun_at = expires_at');
    await reclaimAll(app);
    hooks.scriptFor(id, 'claim', () => Promise.reject(new ShippedError()));
    await app.processor.runOnce();
    expect(await lastReason(id)).toBe(VETO);
    expect((await user.order(id)).status).toBe('pending');
  });

  describe('cannot prevent the order from leaving processing', () => {
    const outcome = (name: 'fail' | 'postpone'): FulfilmentOutcome =>
      name === 'fail' ? failed('Broken') : postponed('Not yet');

    describe.each(['fail', 'postpone'] as const)('by %s', (name) => {
      it.each(FAILURES)('when one %s', async (_fault, script) => {
        const ids = await user.placeOrders(10);
        const [id = 0] = ids.splice(3, 1);
        hooks.scriptFor(id, name, script);
        app.fulfilment.script = () => Promise.resolve(outcome(name));
        await app.processor.runOnce();
        expect((await user.order(id)).status).toBe(name === 'fail' ? 'failed' : 'pending');
        expect(await recorded(id)).toEqual(['1 place', '2 claim']);
        for (const other of ids) {
          expect(await recorded(other)).toEqual(['1 place', '2 claim', `3 ${name}`]);
        }
        expect(app.logLines).toContainEqual(
          expect.objectContaining({ order_id: id, consequence: `${name} without it` }),
        );
      });
    });

    it.each(FAILURES)('when its process died, and one %s', async (_fault, script) => {
      const ids = await user.placeOrders(10);
      await app.nest.get(OrderClaims).claim(10);
      const [id = 0] = ids.splice(3, 1);
      hooks.scriptFor(id, 'release', script);
      while ((await statuses([id, ...ids])).includes('processing')) await reclaimAll(app);
      expect(await recorded(id)).toEqual(['1 place', '2 claim']);
      for (const other of ids) {
        expect(await recorded(other)).toEqual(['1 place', '2 claim', '3 release']);
      }
      expect(app.logLines).toContainEqual(
        expect.objectContaining({ order_id: id, consequence: 'reclaimed without it' }),
      );
    });

    it('but are called again while the database is unavailable', async () => {
      const [id = 0] = await user.placeOrders(1);
      let failures = 0;
      hooks.scriptFor(id, 'fail', () => {
        if (failures++ < 2) throw new DatabaseUnavailableError('The connection was lost');
      });
      app.fulfilment.script = () => Promise.resolve(failed('Broken'));
      await app.processor.runOnce();
      expect(await recorded(id)).toEqual(['1 place', '2 claim', '3 fail']);
    });
  });

  it('log with the id of the request that placed the order', async () => {
    const response = await user.post('/orders', { product_name: 'Laptop', amount: 1 });
    const { id } = response.body as { id: number };
    hooks.scriptFor(id, 'complete', () => new Logger('Hook').log('Completing'));
    await app.processor.runOnce();
    expect(logged('Completing')).toMatchObject([{ request_id: response.headers['x-request-id'] }]);
  });

  it('are called once for an order whose cancellation races with its claim', async () => {
    for (let round = 0; round < 50; round++) {
      const [id = 0] = await user.placeOrders(1);
      const run = async () => {
        for (let turn = 0; turn < round % 23; turn++) await new Promise(setImmediate);
        await app.processor.runOnce();
      };
      const [{ status }] = await Promise.all([user.patch(`/orders/${id}/cancel`), run()]);
      expect(await recorded(id)).toEqual(
        status === 200 ? ['1 place', '2 cancel'] : ['1 place', '2 claim', '3 complete'],
      );
    }
  }, 60_000);
});
