import { AbandonedOrders } from '../src/jobs/abandoned-orders';
import { failed, postponed } from '../src/jobs/fulfilment-step';
import { OrderClaims } from '../src/jobs/order-claims';
import { OrderLease } from '../src/jobs/order-lease.entity';
import { OrderLeases } from '../src/jobs/order-leases';
import { Order } from '../src/orders/order.entity';
import type { ApiClient } from './support/api-client';
import { expireLeases, reclaimAll } from './support/due';
import { loseNextResponse } from './support/lost-response';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';
import { waitUntil } from './support/wait-until';

const ONCE = ['pending', 'processing', 'completed'];
const TWICE = ['pending', 'processing', 'pending', 'processing', 'completed'];

describe('a claim', () => {
  afterEach(() => jest.restoreAllMocks());

  const app = TestApp.forEachTest({ PROCESSING_CONCURRENCY: '10', PROCESSING_BATCH_SIZE: '2' });
  let user: ApiClient;
  let claims: OrderClaims;

  beforeEach(async () => {
    user = await app.api.signUp();
    claims = app.nest.get(OrderClaims);
  });

  const setTurns = async (turns: ReadonlyMap<number, number>) => {
    for (const [id, turn] of turns) await app.dataSource.getRepository(Order).update(id, { turn });
  };
  const claim = async (limit: number) => (await claims.claim(limit)).map(({ id }) => id);
  const leases = () => app.dataSource.getRepository(OrderLease).count();
  const runsAlone = () => app.dataSource.getRepository(Order).countBy({ runsAlone: true });

  const expectCompleted = async (ids: readonly number[], expectedPath: readonly string[]) => {
    for (const id of ids) {
      expect(await user.order(id)).toMatchObject({ status: 'completed', attempts: 1 });
      expect(await user.path(id)).toEqual(expectedPath);
    }
  };

  it('takes orders by ascending turn, and those of one turn by ascending id', async () => {
    const [a, b, c, d, e] = (await user.placeOrders(5)) as [number, number, number, number, number];
    await setTurns(
      new Map([
        [a, 3],
        [b, 1],
        [c, 2],
        [d, 1],
        [e, 0],
      ]),
    );
    expect(await claim(2)).toEqual([b, e]);
    expect(await claim(1)).toEqual([d]);
    expect(await claim(2)).toEqual([a, c]);
  });

  it('takes no more orders than asked when others got a lower turn since the last one', async () => {
    const ids = await user.placeOrders(8);
    await setTurns(new Map(ids.map((id, index) => [id, 100 + index])));
    expect(await claim(1)).toEqual(ids.slice(0, 1));
    await setTurns(new Map(ids.slice(3).map((id) => [id, 1])));
    const claims: number[][] = [];
    for (let left = 7; left > 0; left -= claims.at(-1)!.length) claims.push(await claim(3));
    expect(Math.max(...claims.map(({ length }) => length))).toBeLessThanOrEqual(3);
    expect(claims.flat().toSorted((a, b) => a - b)).toEqual(ids.slice(1));
  });

  it('of a lower turn lets new orders follow it', async () => {
    jest.spyOn(performance, 'now').mockReturnValue(performance.now());
    const [high] = (await user.placeOrders(1)) as [number];
    await setTurns(new Map([[high, 5_000]]));
    expect(await claim(1)).toEqual([high]);
    const [low] = (await user.placeOrders(1)) as [number];
    await setTurns(new Map([[low, 1]]));
    expect(await claim(1)).toEqual([low]);
    const { id } = await (await app.api.signUp()).placeOrder();
    const { turn } = await app.dataSource.getRepository(Order).findOneByOrFail({ id });
    expect(turn).toBeLessThanOrEqual(2);
  });

  it('takes no more orders than asked while others are claimed and placed', async () => {
    await user.placeOrders(20);
    const batches = await Promise.all([
      ...Array.from({ length: 8 }, () => claims.claim(3)),
      user.placeOrders(5).then(() => []),
    ]);
    for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(3);
    const claimed = batches.flat().map(({ id }) => id);
    expect(claimed.length).toBeGreaterThan(0);
    expect(new Set(claimed).size).toBe(claimed.length);
  });

  it('leaves no lease when its orders are completed, postponed or failed', async () => {
    const ids = await user.placeOrders(5);
    app.fulfilment.script = async ({ id }) => {
      expect(await leases()).toBeGreaterThan(0);
      if (id === ids[0]) return postponed('Later');
      if (id === ids[1]) return failed('Never');
      if (id === ids[2]) throw new Error('unexpected');
      return undefined;
    };
    expect(await app.processor.runOnce()).toBe(2);
    expect(await leases()).toBe(0);
  });

  it('whose orders were reclaimed leaves no lease', async () => {
    await user.placeOrders(3);
    await claim(2);
    await claim(1);
    expect(await leases()).toBe(2);
    await reclaimAll(app);
    expect(await leases()).toBe(0);
  });

  it('fault 23: that fails half-way counts no attempt, and the attempts claimed before begin', async () => {
    const ids = await user.placeOrders(4);
    const original = claims.beginAndClaim.bind(claims);
    jest.spyOn(claims, 'beginAndClaim').mockImplementationOnce(async (...given) => {
      const result = await original(...given);
      await rejectClaims(app);
      return result;
    });
    await expect(app.processor.runOnce()).rejects.toThrow(/no_claims/);

    await expectCompleted(ids.slice(0, 2), ONCE);
    for (const id of ids.slice(2)) {
      expect(await user.order(id)).toMatchObject({ status: 'pending', attempts: 0 });
    }
    expect(await leases()).toBe(0);
    await acceptClaims(app);
    expect(await app.processor.runOnce()).toBe(2);
    await expectCompleted(ids, ONCE);
  });

  it('fault 23: whose response is lost counts no attempt, and its orders are completed later', async () => {
    const ids = await user.placeOrders(2);
    loseNextResponse(claims, 'beginAndClaim');
    expect(await app.processor.runOnce()).toBe(0);
    for (const id of ids) expect((await user.order(id)).status).toBe('processing');

    await expireLeases(app);
    expect(await app.nest.get(AbandonedOrders).reclaim()).toBe(2);
    for (const id of ids) {
      expect(await user.order(id)).toMatchObject({ status: 'pending', attempts: 0 });
    }
    expect(await runsAlone()).toBe(0);
    expect(await app.processor.runOnce()).toBe(2);
    expect(app.fulfilment.started).toBe(2);
    await expectCompleted(ids, TWICE);
  });

  it('fault 23: begins once when the response of its begin, and of the next claim, is lost', async () => {
    const ids = await user.placeOrders(4);
    const original = claims.beginAndClaim.bind(claims);
    jest.spyOn(claims, 'beginAndClaim').mockImplementationOnce(async (...given) => {
      const result = await original(...given);
      loseNextResponse(claims, 'beginAndClaim');
      return result;
    });
    // The run fails when no attempt is running any more.
    const hasFailed = () => app.logLines.some(({ msg }) => String(msg).includes('tries again'));
    app.fulfilment.script = () => waitUntil(hasFailed);
    expect(await app.processor.runOnce()).toBe(2);
    await expectCompleted(ids.slice(0, 2), ONCE);

    await reclaimAll(app);
    expect(await runsAlone()).toBe(0);
    expect(await app.processor.runOnce()).toBe(2);
    expect(app.fulfilment.started).toBe(4);
    await expectCompleted(ids.slice(2), TWICE);
  });

  it('is kept when a reclaim began before it and finds its order without its lease', async () => {
    const [id] = await user.placeOrders(1);
    const [claimed] = await claims.claim(1);
    const abandoned = app.nest.get(AbandonedOrders);
    // PostgreSQL returns it when the claim was committed after the statement had begun.
    const lockAbandoned = jest.spyOn(abandoned, 'lockAbandoned' as never);
    const row = { id, attempts: 1, lease_token: claimed!.lease.token };
    lockAbandoned.mockResolvedValueOnce([row] as never);
    expect(await abandoned.reclaim()).toBe(0);
    expect(lockAbandoned).toHaveBeenCalled();
    expect((await user.order(id!)).status).toBe('processing');
  });
});

describe('a begin', () => {
  afterEach(() => jest.restoreAllMocks());

  const app = TestApp.forEachTest({ PROCESSING_CONCURRENCY: '2', PROCESSING_BATCH_SIZE: '10' });

  const failNext = (leases: OrderLeases) =>
    jest.spyOn(leases, 'begin').mockRejectedValueOnce(new Error('refused'));
  const loseNext = (leases: OrderLeases) => loseNextResponse(leases, 'begin');

  it.each([
    ['that fails', failNext],
    ['whose response is lost', loseNext],
  ])('fault 23: %s releases the orders, which are attempted once', async (_, breakNextBegin) => {
    const user = await app.api.signUp();
    const orders = [await user.placeOrder(), await user.placeOrder()];
    const claims = app.nest.get(OrderClaims);
    const original = claims.beginAndClaim.bind(claims);
    jest.spyOn(claims, 'beginAndClaim').mockImplementationOnce(async (...given) => {
      const result = await original(...given);
      breakNextBegin(app.nest.get(OrderLeases));
      return result;
    });
    expect(await app.processor.runOnce()).toBe(2);

    expect(app.fulfilment.started).toBe(2);
    for (const { id } of orders) {
      expect(await user.order(id)).toMatchObject({ status: 'completed', attempts: 1 });
      expect(await user.path(id)).toEqual(TWICE);
    }
    expect(await app.dataSource.getRepository(OrderLease).count()).toBe(0);
  });
});

/** Makes the history entries of claims violate a constraint, after the orders have been updated. */
async function rejectClaims({ dataSource }: TestApp): Promise<void> {
  await dataSource.query(
    isPostgres()
      ? `ALTER TABLE order_history
           ADD CONSTRAINT no_claims CHECK (to_status <> 'processing') NOT VALID`
      : `CREATE TRIGGER no_claims BEFORE INSERT ON order_history
         WHEN NEW.to_status = 'processing' BEGIN SELECT RAISE(ABORT, 'no_claims'); END`,
  );
}

async function acceptClaims({ dataSource }: TestApp): Promise<void> {
  await dataSource.query(
    isPostgres() ? 'ALTER TABLE order_history DROP CONSTRAINT no_claims' : 'DROP TRIGGER no_claims',
  );
}
