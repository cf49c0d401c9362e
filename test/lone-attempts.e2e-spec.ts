import { setTimeout as delay } from 'node:timers/promises';
import { AttemptSlots } from '../src/jobs/attempt-slots';
import { failed, postponed } from '../src/jobs/fulfilment-step';
import { Order } from '../src/orders/order.entity';
import type { ApiClient } from './support/api-client';
import { makePostponedOrdersDue } from './support/due';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

describe('an attempt that runs alone', () => {
  const app = TestApp.forEachTest({ PROCESSING_CONCURRENCY: '5' });
  let user: ApiClient;

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  const place = (count: number) => user.placeOrders(count);
  /** Places orders as if a process had died during their first attempt. */
  const placeAlone = async (count: number) => {
    const ids = await place(count);
    const orders = app.dataSource.getRepository(Order);
    for (const id of ids) await orders.update({ id }, { runsAlone: true, turn: null });
    return ids;
  };
  const isAlone = async (id: number) => {
    const { runsAlone } = await app.dataSource.getRepository(Order).findOneByOrFail({ id });
    return runsAlone;
  };

  it('begins when no other attempt is running, and no other begins beside it', async () => {
    const alone = new Set(await placeAlone(3));
    await place(20);
    const running = new Set<number>();
    const beside: number[] = [];
    app.fulfilment.script = async ({ id }) => {
      const others = [...running];
      running.add(id);
      if (alone.has(id)) beside.push(...others);
      else beside.push(...others.filter((other) => alone.has(other)));
      await delay(20);
      running.delete(id);
    };
    expect(await app.processor.runOnce()).toBe(23);
    expect(beside).toEqual([]);
  });

  it('gives other orders as much time as it takes', async () => {
    const alone = new Set(await placeAlone(20));
    const others = new Set(await place(20));
    app.fulfilment.script = async ({ id }) => {
      await delay(alone.has(id) ? 50 : 5);
    };
    expect(await app.processor.runOnce()).toBe(40); // the run does not end before they are done
    const order = app.fulfilment.fulfilled;
    const last = order.findLastIndex((id) => others.has(id));
    const before = order.slice(0, last).filter((id) => alone.has(id));
    expect(before.length).toBeLessThanOrEqual(5);
  });

  it('waits while another attempt takes long, and other orders are processed meanwhile', async () => {
    const [slow] = await place(1);
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    app.fulfilment.script = ({ id }) => (id === slow ? finished : Promise.resolve());
    const run = app.processor.runOnce();
    await waitUntil(() => app.fulfilment.started === 1);

    const [alone] = await placeAlone(1);
    const others = await place(20);
    await app.processor.runOnce();
    await waitUntil(() => app.fulfilment.fulfilled.length === others.length);
    expect(app.fulfilment.fulfilled).not.toContain(alone);
    finish();
    expect(await run).toBe(22);
    expect(app.fulfilment.fulfilled).toContain(alone);
  });

  it('is followed by attempts beside others when it is postponed', async () => {
    const [id] = await placeAlone(1);
    app.fulfilment.script = (_, { attempt }) =>
      Promise.resolve(attempt === 1 ? postponed('Not yet') : failed('Never'));
    await app.processor.runOnce();
    expect(await isAlone(id!)).toBe(false);
    await makePostponedOrdersDue(app);
    await app.processor.runOnce();
    expect(await user.order(id!)).toMatchObject({ status: 'failed', attempts: 2 });
  });

  it('runs alone again when a shutdown has interrupted it', async () => {
    const [id] = await placeAlone(1);
    app.fulfilment.script = () => new Promise(() => undefined);
    const run = app.processor.runOnce();
    await waitUntil(() => app.fulfilment.started === 1);
    app.processor.onModuleDestroy();
    app.nest.get(AttemptSlots).interrupt(false);
    await run;
    expect(await user.order(id!)).toMatchObject({ status: 'pending', attempts: 0 });
    expect(await isAlone(id!)).toBe(true);
  });
});
