import { setImmediate as nextTurn } from 'node:timers/promises';
import { DatabaseUnavailableError } from '../src/database/database-unavailable.error';
import { OrderClaims } from '../src/jobs/order-claims';
import { Order } from '../src/orders/order.entity';
import { insertPendingOrders } from './support/insert-orders';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

/** How many turns of the event loop a request can wait. */
const MOMENTS = 10;

const ROUNDS = 3;

describe('a requested run', () => {
  const app = TestApp.forEachTest({ PROCESSING_CONCURRENCY: '2' });

  afterEach(() => jest.restoreAllMocks());

  const place = async (userId: number) => insertPendingOrders(app.dataSource, userId, 1);
  const countPending = () => app.dataSource.getRepository(Order).countBy({ status: 'pending' });

  it('processes the order that was placed before, at each moment around the end of the previous run', async () => {
    const { userId } = await app.api.signUp();
    const claims = app.nest.get(OrderClaims);
    const beginAndClaim = claims.beginAndClaim.bind(claims);
    let foundNone: () => void = () => undefined;
    jest.spyOn(claims, 'beginAndClaim').mockImplementation(async (leases, limit) => {
      const result = await beginAndClaim(leases, limit);
      if (leases.length === 0 && result.claimed.length === 0) foundNone();
      return result;
    });

    const check = async (isAtEnd: boolean, moment: number) => {
      await place(userId);
      const hasFoundNone = new Promise<void>((resolve) => (foundNone = resolve));
      const previous = app.processor.runOnce();
      if (isAtEnd) await hasFoundNone; // otherwise the request arrives while the run is processing
      for (let turn = 0; turn < moment; turn++) await nextTurn();
      await place(userId);
      const skippedOrNext = app.processor.runOnce();

      await Promise.all([previous, skippedOrNext]);
      expect({ isAtEnd, moment, pending: await countPending() }).toMatchObject({ pending: 0 });
    };
    for (let round = 0; round < ROUNDS; round++) {
      for (let moment = 0; moment < MOMENTS; moment++) await check(true, moment);
      for (let moment = 0; moment < 3; moment++) await check(false, moment);
    }
  });

  it('is not lost when the order is committed and requested while the last claim ends', async () => {
    const { userId } = await app.api.signUp();
    const claims = app.nest.get(OrderClaims);
    const beginAndClaim = claims.beginAndClaim.bind(claims);
    for (const turns of [0, 1, 2, 3]) {
      let isPlaced = false;
      jest.spyOn(claims, 'beginAndClaim').mockImplementation(async (leases, limit) => {
        const result = await beginAndClaim(leases, limit);
        if (isPlaced || result.claimed.length > 0) return result;
        isPlaced = true;
        await place(userId);
        for (let turn = 0; turn < turns; turn++) await nextTurn();
        expect(await app.processor.runOnce()).toBe(0);
        return result;
      });
      expect(await app.processor.runOnce()).toBe(1);
    }
  });

  it('is not lost while the run looks for orders that run alone', async () => {
    const { userId } = await app.api.signUp();
    const { manager } = app.dataSource;
    const query = manager.query.bind(manager);
    let looks = 0;
    jest.spyOn(manager, 'query').mockImplementation(async (sql, ...parameters) => {
      const rows: unknown = await query(sql, ...parameters);
      if (sql.includes('AND runs_alone') && ++looks <= 2) {
        await place(userId);
        expect(await app.processor.runOnce()).toBe(0);
      }
      return rows;
    });
    const completed = await app.processor.runOnce();
    expect(looks).toBeGreaterThan(0);
    expect(completed).toBe(Math.min(looks, 2));
  });

  it('is not lost when the current run fails at that moment', async () => {
    const { userId } = await app.api.signUp();
    const claims = app.nest.get(OrderClaims);
    jest.spyOn(claims, 'beginAndClaim').mockImplementationOnce(async () => {
      await place(userId);
      expect(await app.processor.runOnce()).toBe(0);
      throw new DatabaseUnavailableError('The connection was lost');
    });
    expect(await app.processor.runOnce()).toBe(1);
  });

  it('fails without a database, and the next one processes the orders', async () => {
    const { userId } = await app.api.signUp();
    await place(userId);
    const claims = app.nest.get(OrderClaims);
    const error = new DatabaseUnavailableError('The connection was lost');
    const failing = jest.spyOn(claims, 'beginAndClaim').mockRejectedValue(error);
    await expect(app.processor.runOnce()).rejects.toBe(error);
    failing.mockRestore();
    expect(await app.processor.runOnce()).toBe(1);
  });

  it('claims again when its first search for orders exceeds the time limit', async () => {
    const { userId } = await app.api.signUp();
    await place(userId);
    const error = new DatabaseUnavailableError('canceling statement due to statement timeout');
    jest.spyOn(app.nest.get(OrderClaims), 'beginAndClaim').mockRejectedValueOnce(error);
    expect(await app.processor.runOnce()).toBe(1);
    expect(app.logLines).toContainEqual(
      expect.objectContaining({ msg: 'Could not claim orders; the run tries again' }),
    );
  });

  it('looks for orders that run alone once when no order is due', async () => {
    const find = jest.spyOn(app.nest.get(OrderClaims), 'findAlone');
    await app.processor.runOnce();
    expect(find).toHaveBeenCalledTimes(1);
  });

  it.each(['findAlone', 'beginAndClaim'] as const)(
    'goes on after %s has failed, while an attempt is running',
    async (method) => {
      const { userId } = await app.api.signUp();
      let finish = (): void => undefined;
      const finished = new Promise<void>((resolve) => (finish = resolve));
      app.fulfilment.script = () => (app.fulfilment.started === 1 ? finished : Promise.resolve());
      await place(userId);
      const run = app.processor.runOnce();
      await waitUntil(() => app.fulfilment.started === 1);

      const error = new DatabaseUnavailableError('The connection was lost');
      const failing = jest.spyOn(app.nest.get(OrderClaims), method).mockRejectedValueOnce(error);
      await place(userId);
      // The check for orders that run alone is due once a second.
      await waitUntil(async () => {
        await app.processor.runOnce();
        return failing.mock.calls.length > 0;
      });
      await waitUntil(() => app.fulfilment.started === 2);
      finish();
      expect(await run).toBe(2);
    },
  );
});
