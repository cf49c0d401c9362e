import { OrderBacklog } from '../src/orders/order-backlog';
import { Order } from '../src/orders/order.entity';
import type { SignedUp } from './support/api-client';
import { insertOrders } from './support/insert-orders';
import { expectBoundedScans } from './support/query-plans';
import { metricsUrlOf, scrape } from './support/scrape';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';

describe('Metrics of the queue', () => {
  const app = TestApp.forEachTest({ METRICS_PORT: '0' });
  let user: SignedUp;

  afterEach(() => jest.restoreAllMocks());

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  const samples = () => scrape(metricsUrlOf(app));

  const QUEUE = [
    'orders_pending',
    'orders_processing',
    'orders_failed',
    'orders_oldest_due_age_seconds',
    'events_oldest_unnumbered_age_seconds',
  ];

  const queue = async () => {
    const now = await samples();
    return QUEUE.map((name) => now.get(name));
  };

  const READING = {
    pending: 1,
    processing: 2,
    failed: 3,
    oldestDueAge: 4,
    oldestUnnumberedAge: 5,
  };

  const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000);

  it('count orders that are not settled, and show the age of the oldest due one', async () => {
    const { userId } = user;
    const [first] = await insertOrders(app.dataSource, [
      { userId, status: 'pending', createdAt: ago(9_000) },
      { userId, status: 'pending', createdAt: ago(400) },
      { userId, status: 'processing', createdAt: ago(800) },
      { userId, status: 'failed', createdAt: ago(800) },
      { userId, status: 'completed', createdAt: ago(20_000) },
    ]);
    // Postponed: due in the future.
    await app.dataSource.getRepository(Order).update(first!, { nextAttemptAt: ago(-100) });
    const [pending, processing, failed, age] = await queue();
    expect([pending, processing, failed]).toEqual([2, 1, 1]);
    expect(age).toBeGreaterThanOrEqual(400);
    expect(age).toBeLessThan(430);
  });

  it('show how long the oldest transition has waited for its position', async () => {
    const { id } = await user.placeOrder();
    const createdAt = ago(300).toISOString();
    await app.dataSource.query(
      `UPDATE order_history SET created_at = '${createdAt}' WHERE order_id = ${id}`,
    );
    await user.placeOrder();
    const age = (await queue()).at(-1);
    expect(age).toBeGreaterThanOrEqual(300);
    expect(age).toBeLessThan(330);
    await app.periodicWork.step();
    app.clock.advance(15_000);
    expect((await queue()).at(-1)).toBe(0);
  });

  it.each(['turn', 'runsAlone'] as const)('see due orders by each index: %s', async (column) => {
    const { userId } = user;
    const [id] = await insertOrders(app.dataSource, [
      { userId, status: 'pending', createdAt: ago(500) },
    ]);
    const values = column === 'turn' ? { turn: 5 } : { runsAlone: true };
    await app.dataSource.getRepository(Order).update(id!, values);
    const [, , , age] = await queue();
    expect(age).toBeGreaterThanOrEqual(500);
  });

  it('are read from indexes, and from a bounded number of rows', async () => {
    const createdAt = ago(60);
    const order = { userId: user.userId, status: 'pending', createdAt } as const;
    await insertOrders(
      app.dataSource,
      Array.from({ length: 3_000 }, () => order),
    );
    if (isPostgres()) await app.dataSource.query('VACUUM ANALYZE orders');
    const query = jest.spyOn(app.dataSource.manager, 'query');
    await app.nest.get(OrderBacklog).read();
    const statements = query.mock.calls;
    query.mockRestore();
    expect(statements).toHaveLength(5);
    for (const [sql, parameters] of statements) {
      await expectBoundedScans(app.dataSource, sql, parameters as unknown[]);
    }
  });

  it('are zero when no order is due', async () => {
    expect(await queue()).toEqual([0, 0, 0, 0, 0]);
  });

  it('are read at most once in 15 seconds', async () => {
    const read = jest.spyOn(app.nest.get(OrderBacklog), 'read');
    app.clock.freeze();
    await Promise.all([queue(), queue()]);
    await queue();
    expect(read).toHaveBeenCalledTimes(1);
    app.clock.advance(15_000);
    await queue();
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('are left out while the database fails, and come back', async () => {
    const read = jest.spyOn(app.nest.get(OrderBacklog), 'read');
    read.mockRejectedValue(new Error('connect ECONNREFUSED 127.0.0.1:5432'));
    expect(await queue()).toEqual(Array(5).fill(undefined));
    expect((await samples()).get('orders_in_flight')).toBe(0);
    read.mockRestore();
    app.clock.advance(15_000);
    expect(await queue()).toEqual([0, 0, 0, 0, 0]);
  });

  it('are those of the latest reading while the next one takes long, for a minute', async () => {
    app.clock.freeze();
    const read = jest.spyOn(app.nest.get(OrderBacklog), 'read');
    expect(await queue()).toEqual([0, 0, 0, 0, 0]);
    let finish = (): void => undefined;
    read.mockReturnValue(new Promise((resolve) => (finish = () => resolve(READING))));
    app.clock.advance(15_000);
    expect(await queue()).toEqual([0, 0, 0, 0, 0]);
    app.clock.advance(44_999);
    expect(await queue()).toEqual([0, 0, 0, 0, 0]);
    app.clock.advance(1);
    expect(await queue()).toEqual(Array(5).fill(undefined));
    finish();
    expect(await queue()).toEqual([1, 2, 3, 4, 5]);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('are read again after a pause of 20 times as long as the reading took', async () => {
    app.clock.freeze();
    const read = jest.spyOn(app.nest.get(OrderBacklog), 'read');
    read.mockImplementation(async () => {
      app.clock.advance(10_000);
      return READING;
    });
    await queue();
    app.clock.advance(199_999);
    expect(await queue()).toEqual([1, 2, 3, 4, 5]);
    expect(read).toHaveBeenCalledTimes(1);
    app.clock.advance(1);
    await queue();
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('are read again within a minute after a reading that failed', async () => {
    app.clock.freeze();
    const read = jest.spyOn(app.nest.get(OrderBacklog), 'read');
    read.mockImplementationOnce(async () => {
      app.clock.advance(10_000);
      throw new Error('timeout');
    });
    await queue();
    app.clock.advance(59_999);
    await queue();
    expect(read).toHaveBeenCalledTimes(1);
    app.clock.advance(1);
    expect(await queue()).toEqual([0, 0, 0, 0, 0]);
  });

  it('are left out after a second while the database does not respond', async () => {
    const read = jest.spyOn(app.nest.get(OrderBacklog), 'read');
    read.mockReturnValue(new Promise(() => undefined));
    const startedAt = performance.now();
    expect(await queue()).toEqual(Array(5).fill(undefined));
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await queue();
    expect(read).toHaveBeenCalledTimes(1);
  });
});
