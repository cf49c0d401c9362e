import type { Response } from 'supertest';
import { Order } from '../src/orders/order.entity';
import { type SignedUp, expectProblem } from './support/api-client';
import { insertPendingOrders } from './support/insert-orders';
import { TestApp } from './support/test-app';

const ORDER = { product_name: 'Laptop', amount: 1 };

describe('The limit of open orders', () => {
  let app: TestApp;
  let user: SignedUp;

  afterEach(() => app.stop());

  const startWith = async (limit: number) => {
    app = await TestApp.start({ MAX_OPEN_ORDERS_PER_USER: String(limit) });
    user = await app.api.signUp();
  };

  const place = (key?: string) => {
    const request = user.post('/orders', ORDER);
    return key === undefined ? request : request.set('Idempotency-Key', key);
  };

  const placeMany = (count: number) => Promise.all(Array.from({ length: count }, () => place()));

  const countOrders = () => app.dataSource.getRepository(Order).countBy({ userId: user.userId });

  const expectLimitReached = (response: Response, limit: number) => {
    expectProblem(response, 409, 'open_orders_limit_reached');
    expect(response.headers['retry-after']).toBe('60');
    expect(response.body.detail).toBe(
      `You have reached the limit of ${limit} pending and processing orders`,
    );
  };

  it('rejects one more order, and accepts it when another is no longer open', async () => {
    await startWith(3);
    const [first] = await placeMany(3);
    expectLimitReached(await place(), 3);
    expect(await countOrders()).toBe(3);

    await user.patch(`/orders/${first!.body.id}/cancel`).expect(200);
    await place().expect(201);
    expectLimitReached(await place(), 3);

    await app.processor.runOnce();
    await place().expect(201);
  });

  it('counts orders in processing', async () => {
    await startWith(1);
    let during: Response | undefined;
    app.fulfilment.script = async () => {
      during = await place();
      return { kind: 'succeeded' };
    };
    await place().expect(201);
    await app.processor.runOnce();
    expectLimitReached(during!, 1);
  });

  it('counts each user separately', async () => {
    await startWith(1);
    const other = await app.api.signUp();
    await place().expect(201);
    await other.placeOrder();
    expectLimitReached(await place(), 1);
  });

  it('is exact below 100, even for concurrent requests', async () => {
    await startWith(10);
    const responses = await placeMany(40);
    const placed = responses.filter(({ status }) => status === 201);
    expect(placed).toHaveLength(10);
    for (const response of responses) {
      if (response.status !== 201) expectLimitReached(response, 10);
    }
    expect(await countOrders()).toBe(10);
  });

  it('is exact on one instance when orders are placed one after another', async () => {
    await startWith(300);
    await insertPendingOrders(app.dataSource, user.userId, 290);
    const statuses: number[] = [];
    for (let order = 0; order < 15; order++) statuses.push((await place()).status);
    expect(statuses).toEqual([...Array<number>(10).fill(201), ...Array<number>(5).fill(409)]);
  });

  it('is exceeded by at most 1 % and the requests in flight', async () => {
    await startWith(300);
    await insertPendingOrders(app.dataSource, user.userId, 200);
    const statuses = new Set<number>();
    for (let batch = 0; batch < 6; batch++) {
      for (const { status } of await placeMany(25)) statuses.add(status);
    }
    expect(statuses).toEqual(new Set([201, 409]));
    expect(await countOrders()).toBeGreaterThanOrEqual(300);
    expect(await countOrders()).toBeLessThanOrEqual(300 + 3 + 25);
  });

  it('does not apply to a repeated request that succeeded before', async () => {
    await startWith(1);
    const first = await place('key').expect(201);
    const again = await place('key').expect(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers['idempotent-replayed']).toBe('true');

    const changed = { ...ORDER, amount: 2 };
    const reused = await user.post('/orders', changed).set('Idempotency-Key', 'key');
    expectProblem(reused, 422, 'idempotency_key_reused');
    expectLimitReached(await place('another-key'), 1);
    expect(await countOrders()).toBe(1);
  });
});

describe('The limit of placing orders', () => {
  const app = TestApp.forEachTest({ RATE_LIMIT_ENABLED: 'true', PROCESSING_ENABLED: 'false' });

  beforeEach(async () => {
    app.clock.freeze();
  });

  it('allows a user 300 orders in ten seconds, besides other requests', async () => {
    const [user, other] = [await app.api.signUp(), await app.api.signUp()];
    const first = await user.post('/orders', ORDER).expect(201);
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"user-route";q=300;w=10, "user";q=1000;w=10',
      ratelimit: '"user-route";r=299;t=10, "user";r=999;t=10',
    });
    for (let batch = 0; batch < 13; batch++) {
      await Promise.all(Array.from({ length: 23 }, () => user.placeOrder(ORDER)));
    }
    const rejected = await user.post('/orders', ORDER);
    expectProblem(rejected, 429, 'rate_limited');
    expect(rejected.headers).toMatchObject({
      'retry-after': '10',
      ratelimit: '"user-route";r=0;t=10',
    });
    await user.get('/orders').expect(200);
    await other.placeOrder();
  });
});
