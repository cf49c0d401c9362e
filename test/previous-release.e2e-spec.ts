import { AbandonedOrders } from '../src/jobs/abandoned-orders';
import { OrderClaims } from '../src/jobs/order-claims';
import { Order } from '../src/orders/order.entity';
import type { SignedUp } from './support/api-client';
import { expireLeases, makePostponedOrdersDue } from './support/due';
import { checkHistories } from './support/history-checker';
import { PreviousRelease } from './support/previous-release';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

describe('beside an instance of the previous release, the processing job', () => {
  afterEach(() => checkHistories(app.dataSource, []).then(() => undefined));

  const app = TestApp.forEachTest();
  let user: SignedUp;
  let previous: PreviousRelease;

  beforeEach(async () => {
    user = await app.api.signUp();
    previous = new PreviousRelease(app.dataSource);
  });

  const row = (id: number) => app.dataSource.getRepository(Order).findOneByOrFail({ id });
  const reclaim = () => app.nest.get(AbandonedOrders).reclaim();

  it('gives turns to orders that the other instance has placed, and completes them', async () => {
    const own = await user.placeOrder();
    const ids = [await previous.place(user.userId), await previous.place(user.userId)];
    for (const id of ids) expect((await row(id)).turn).toBeNull();
    expect(await app.processor.runOnce()).toBe(3);
    for (const id of [own.id, ...ids]) {
      expect(await user.order(id)).toMatchObject({ status: 'completed', attempts: 1 });
    }
    const turns = await Promise.all(ids.map(async (id) => (await row(id)).turn));
    expect(new Set(turns).size).toBe(2);
  });

  it('reclaims orders of the other instance when their lease has expired, and not before', async () => {
    const { id } = await user.placeOrder();
    const placed = await previous.place(user.userId);
    expect(await previous.claim(10)).toHaveLength(2);
    expect(await app.processor.runOnce()).toBe(0);
    for (const claimed of [id, placed]) {
      expect(await row(claimed)).toMatchObject({ status: 'processing', attempts: 1 });
    }

    await app.dataSource.query(
      `UPDATE orders SET lease_expires_at = '2020-01-01T00:00:00.000Z' WHERE id = ${placed}`,
    );
    // Its leases are not in a table of their own, so the search for them is paced.
    await waitUntil(async () => (await reclaim()) === 1);
    expect(await row(id)).toMatchObject({ status: 'processing', attempts: 1 });
    expect(await row(placed)).toMatchObject({
      status: 'pending',
      attempts: 1, // it may have begun
      leaseExpiresAt: null,
    });
    expect(await previous.complete(placed)).toEqual([]);
    expect(await app.processor.runOnce()).toBe(1);
    expect(await row(placed)).toMatchObject({ status: 'completed', attempts: 2 });
    expect(await previous.complete(id)).toEqual([id]);
  });

  it('places orders that the other instance can claim and complete', async () => {
    const { id } = await user.placeOrder();
    expect((await row(id)).turn).not.toBeNull();
    expect(await previous.claim(1)).toEqual([id]);
    expect(await previous.complete(id)).toEqual([id]);
    expect(await user.order(id)).toMatchObject({ status: 'completed', attempts: 1 });
  });

  it('claims an order that the other instance has postponed, and that has a turn, when it is due', async () => {
    const { id } = await user.placeOrder();
    await previous.claim(1);
    expect(await previous.postpone(id, 600)).toEqual([id]);
    expect((await row(id)).turn).not.toBeNull();
    expect(await app.processor.runOnce()).toBe(0);
    expect(await row(id)).toMatchObject({ status: 'pending', attempts: 1 });

    await makePostponedOrdersDue(app);
    expect(await app.processor.runOnce()).toBe(1);
    expect(await row(id)).toMatchObject({ status: 'completed', attempts: 2 });
  });

  it('keeps references and metadata of orders that the other instance completes', async () => {
    const metadata = { a: 'b' };
    const order = { product_name: 'Lamp', amount: 1, reference: 'A-1', metadata };
    const { id } = await user.placeOrder(order);
    expect(await previous.claim(1)).toEqual([id]);
    await user.patch(`/orders/${id}`, { metadata: { c: 'd' } }).expect(200);
    expect(await previous.complete(id)).toEqual([id]);
    const read = await user.order(id);
    expect(read).toMatchObject({ status: 'completed', metadata: { a: 'b', c: 'd' } });
    const placed = await previous.place(user.userId);
    expect(await user.order(placed)).toMatchObject({ reference: null, metadata: {} });
    await user.patch(`/orders/${placed}`, { metadata }).expect(200);
    expect(await user.order(placed)).toMatchObject({ metadata });
  });

  it('has claims that the other instance neither reclaims nor ends, even expired ones', async () => {
    const { id } = await user.placeOrder();
    await app.nest.get(OrderClaims).claim(1);
    await expireLeases(app);
    expect(await previous.claim(1)).toEqual([]);
    expect(await previous.reclaim()).toEqual([]);
    expect(await previous.complete(id)).toEqual([]);
    expect(await app.processor.runOnce()).toBe(1);
  });
});
