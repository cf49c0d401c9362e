import { DatabaseUnavailableError } from '../src/database/database-unavailable.error';
import { ClaimResults } from '../src/jobs/claim-results';
import type { ApiClient } from './support/api-client';
import { expireLeases, reclaimAll } from './support/due';
import { TestApp } from './support/test-app';

describe('the results of attempts', () => {
  const app = TestApp.forEachTest();
  let user: ApiClient;

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  afterEach(() => jest.restoreAllMocks());

  const unavailable = () => new DatabaseUnavailableError('The connection was lost');

  it('are recorded in few transactions', async () => {
    await user.placeOrders(50);
    const record = jest.spyOn(app.nest.get(ClaimResults), 'record');
    expect(await app.processor.runOnce()).toBe(50);
    expect(record.mock.calls.flatMap(([results]) => results)).toHaveLength(50);
    expect(record.mock.calls.length).toBeLessThanOrEqual(5);
  });

  it('are recorded, except that of an order whose claim was lost', async () => {
    const ids = await user.placeOrders(10);
    app.fulfilment.script = async ({ id }) => {
      if (id === ids[3])
        await app.dataSource.query(`UPDATE orders SET lease_token = 'other' WHERE id = ${id}`);
    };
    expect(await app.processor.runOnce()).toBe(9);
    expect((await user.order(ids[3]!)).status).toBe('processing');
    expect(app.logLines).toContainEqual(
      expect.objectContaining({ msg: 'Dropped the result of a lost claim', order_id: ids[3] }),
    );
  });

  it('are recorded, except one that cannot be, which keeps no other order from being processed', async () => {
    const ids = await user.placeOrders(10);
    app.fulfilment.script = async ({ id }) => {
      if (id === ids[3])
        await app.dataSource.query(
          `INSERT INTO order_history (order_id, sequence, to_status, actor_type, created_at)
           SELECT order_id, 3, 'completed', 'system', created_at FROM order_history
           WHERE order_id = ${id} AND sequence = 1`,
        );
    };
    expect(await app.processor.runOnce()).toBe(9);
    expect((await user.order(ids[3]!)).status).toBe('processing');
    expect(app.logLines).toContainEqual(
      expect.objectContaining({
        msg: expect.stringContaining('was not recorded') as string,
        order_id: ids[3],
        attempt: 1,
      }),
    );

    await expireLeases(app);
    await user.placeOrders(1);
    expect(await app.processor.runOnce()).toBe(1);
    expect(app.logLines).toContainEqual(
      expect.objectContaining({ msg: 'Could not reclaim abandoned orders' }),
    );
  });

  it('are recorded after an outage that was longer than the lease', async () => {
    const [id] = await user.placeOrders(1);
    jest.spyOn(app.nest.get(ClaimResults), 'record').mockImplementationOnce(async () => {
      await expireLeases(app);
      throw unavailable();
    });
    expect(await app.processor.runOnce()).toBe(1);
    expect(await user.order(id!)).toMatchObject({ status: 'completed', attempts: 1 });
    expect(app.fulfilment.started).toBe(1);
  });

  it('are dropped after an outage during which another instance reclaimed the order', async () => {
    const [id] = await user.placeOrders(1);
    jest.spyOn(app.nest.get(ClaimResults), 'record').mockImplementationOnce(async () => {
      await reclaimAll(app);
      throw unavailable();
    });
    expect(await app.processor.runOnce()).toBe(1);
    expect(await user.path(id!)).toEqual([
      'pending',
      'processing',
      'pending',
      'processing',
      'completed',
    ]);
    expect(app.fulfilment.started).toBe(2);
  });
});
