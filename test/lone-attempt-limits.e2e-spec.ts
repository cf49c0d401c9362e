import { OrderLeases } from '../src/jobs/order-leases';
import { Order } from '../src/orders/order.entity';
import type { ApiClient } from './support/api-client';
import { SteppedTime } from './support/stepped-time';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

describe('an order that runs alone', () => {
  afterEach(() => jest.restoreAllMocks());

  const app = TestApp.forEachTest({ PROCESSING_CONCURRENCY: '5', PROCESSING_LEASE_SECONDS: '600' });
  let user: ApiClient;
  let finish: () => void;

  beforeEach(async () => {
    user = await app.api.signUp();
    const finished = new Promise<void>((resolve) => (finish = resolve));
    app.fulfilment.script = () => finished;
  });

  const place = async (count: number) => {
    const ids: number[] = [];
    for (let n = 0; n < count; n++) ids.push((await user.placeOrder()).id);
    return ids;
  };
  /** Places an order as if a process had died during its first attempt. */
  const placeAlone = async () => {
    const { id } = await user.placeOrder();
    await app.dataSource.getRepository(Order).update({ id }, { runsAlone: true, turn: null });
    return id;
  };
  const hasStarted = (count: number) => waitUntil(() => app.fulfilment.started === count);

  it('begins beside others when they were still running after three waits of 2 s', async () => {
    const time = new SteppedTime(app);
    await place(1);
    const run = app.processor.runOnce();
    await hasStarted(1);
    const placedAt = time.now;
    await placeAlone();
    while (app.fulfilment.started === 1 && time.now < placedAt + 120_000) {
      await time.advanceOneSecond();
    }
    expect(app.fulfilment.started).toBe(2);
    // The look for it after 1 s, four waits, and three pauses of ten times their length.
    expect(time.now - placedAt).toBe(1_000 + 4 * 2_000 + 3 * 20_000);
    finish();
    expect(await run).toBe(2);
  });

  it('keeps others from beginning for 5 s', async () => {
    const time = new SteppedTime(app);
    await placeAlone();
    const run = app.processor.runOnce();
    await hasStarted(1);
    const startedAt = time.now;
    await place(2);
    while (app.fulfilment.started === 1 && time.now < startedAt + 60_000) {
      await time.advanceOneSecond();
    }
    await hasStarted(3);
    expect(time.now - startedAt).toBe(5_000);
    finish();
    expect(await run).toBe(3);
  });

  it('is claimed again after a pause when its attempt could not begin', async () => {
    const time = new SteppedTime(app);
    const id = await placeAlone();
    const instants: number[] = [];
    const begin = jest.spyOn(app.nest.get(OrderLeases), 'begin');
    begin.mockImplementation((leases) => {
      if (leases.length > 0) instants.push(time.now);
      return Promise.resolve(new Set());
    });
    const run = app.processor.runOnce();
    for (let released = 1; released <= 3; released++) {
      await waitUntil(async () => (await user.history(id)).length >= 1 + 2 * released);
      if (released === 3) begin.mockRestore();
      await time.advanceOneSecond();
    }
    await hasStarted(1);
    expect(instants.map((instant) => instant - instants[0]!)).toEqual([0, 1_000, 2_000]);
    finish();
    expect(await run).toBe(1);
    expect(await user.order(id)).toMatchObject({ status: 'completed', attempts: 1 });
  });

  it('does not stop the others when it cannot be claimed, and is claimed by a later run', async () => {
    finish();
    const id = await placeAlone();
    await place(3);
    // A history entry with the sequence of the claim makes the claim fail.
    await app.dataSource.query(
      `INSERT INTO order_history (order_id, sequence, to_status, actor_type, created_at)
       SELECT order_id, 2, 'processing', 'system', created_at FROM order_history
       WHERE order_id = ${id}`,
    );
    expect(await app.processor.runOnce()).toBe(3);
    expect(await user.order(id)).toMatchObject({ status: 'pending', attempts: 0 });
    expect(app.logLines).toContainEqual(
      expect.objectContaining({ msg: 'Could not claim an order that runs alone' }),
    );

    await app.dataSource.query(`DELETE FROM order_history WHERE order_id = ${id} AND sequence = 2`);
    // A run that has looked a moment ago looks again before it ends.
    jest.spyOn(performance, 'now').mockReturnValue(performance.now());
    const setDueAt = (nextAttemptAt: Date) =>
      app.dataSource.getRepository(Order).update({ id }, { nextAttemptAt });
    await setDueAt(new Date('2100-01-01'));
    expect(await app.processor.runOnce()).toBe(0);
    await setDueAt(new Date('2020-01-01'));
    expect(await app.processor.runOnce()).toBe(1);
  });
});
