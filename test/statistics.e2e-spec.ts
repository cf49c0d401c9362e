import { deleteEndedOrders } from '../src/cli/rows/order-rows';
import { namedQuery } from '../src/database/named-query';
import { failed, postponed } from '../src/jobs/fulfilment-step';
import { MAX_UNREAD, OrderStatsService } from '../src/orders/order-stats.service';
import { STATISTICS_BATCH_SIZE, StatisticsReader } from '../src/statistics/statistics-reader';
import { readReaderPosition } from '../src/statistics/statistics-tables';
import type { SignedUp } from './support/api-client';
import { makePostponedOrdersDue } from './support/due';
import { failCommitsOf } from './support/fail-commits';
import { placeFailedOrders } from './support/failed-orders';
import { FAULTS } from './support/fault-settings';
import { insertPendingOrders } from './support/insert-orders';
import { SeededRandom } from './support/seeded-random';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';

const NONE = { pending: 0, processing: 0, completed: 0, cancelled: 0, failed: 0 };

const LATER = '2099-01-31T12:00:00.000Z';

describe('the statistics of orders', () => {
  const SHARED = { JWT_SECRET: 'a secret that several instances share' };
  const app = TestApp.forEachTest(SHARED);
  let admin: SignedUp;
  let other: TestApp | undefined;

  beforeEach(async () => {
    admin = await app.signUpAdmin();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await other?.stop();
    other = undefined;
  });

  const startOther = async () =>
    (other = await TestApp.start({ ...app.databaseEnvironment, ...SHARED }));

  const reader = () => app.nest.get(StatisticsReader);

  const counts = async () =>
    ((await admin.get('/admin/orders/stats').expect(200)).body as { counts: typeof NONE }).counts;

  /** What the statistics have to be. */
  const countOrders = async () => {
    const rows = await app.dataSource.query<{ status: string; n: number }[]>(
      'SELECT status, COUNT(*) AS n FROM orders GROUP BY status',
    );
    return { ...NONE, ...Object.fromEntries(rows.map(({ status, n }) => [status, n])) };
  };

  /** Numbers all entries, and counts them. */
  const catchUp = async () => {
    await app.periodicWork.step();
    while (await reader().isNeeded()) await reader().advance();
  };

  /** The numbers of the reader alone. */
  const counted = async () => {
    const rows = await app.dataSource.query<{ status: string; orders: number }[]>(
      'SELECT status, orders FROM order_counts',
    );
    return { ...NONE, ...Object.fromEntries(rows.map(({ status, orders }) => [status, orders])) };
  };

  const position = async () => (await readReaderPosition(app.dataSource.manager)).position;

  const deleteOrders = (ids: readonly number[]) =>
    app.dataSource.transaction((manager) => deleteEndedOrders(manager, ids, LATER, '1 = 1'));

  it('include each committed transition, before and after its entry has a position, and is read', async () => {
    const [first, second] = await admin.placeOrders(3);
    await admin.patch(`/orders/${first}/cancel`).expect(200);
    const expected = { ...NONE, pending: 2, cancelled: 1 };
    expect(await counts()).toEqual(expected);
    await catchUp();
    expect(await counted()).toEqual(expected);
    expect(await counts()).toEqual(expected);
    await admin.patch(`/orders/${second}/cancel`).expect(200);
    expect(await counted()).toEqual(expected);
    expect(await counts()).toEqual({ ...NONE, pending: 1, cancelled: 2 });
  });

  it('are counted from the orders while the reader is far behind', async () => {
    await insertPendingOrders(app.dataSource, admin.userId, MAX_UNREAD + 1_000);
    const expected = { ...NONE, pending: MAX_UNREAD + 1_000 };
    expect(await counts()).toEqual(expected);
    await app.periodicWork.step();
    expect(await counts()).toEqual(expected);
    await catchUp();
    expect(await counted()).toEqual(expected);
  });

  it('do not read more entries than those that are not counted, for any size of the table', async () => {
    await insertPendingOrders(app.dataSource, admin.userId, 9_000);
    await catchUp();
    await admin.placeOrders(3);
    await app.dataSource.query(
      isPostgres() ? 'VACUUM ANALYZE orders, order_history, order_counts' : 'ANALYZE',
    );
    const query = jest.spyOn(app.dataSource.manager, 'query');
    const { counts: found, oldestPendingAge } = await app.nest.get(OrderStatsService).get();
    const statements = query.mock.calls;
    query.mockRestore();
    expect(found).toEqual({ ...NONE, pending: 9_003 });
    expect(oldestPendingAge).not.toBeNull();
    expect(statements).toHaveLength(1);
    const [sql, parameters] = statements[0]!;
    if (isPostgres()) {
      const plan = await app.dataSource.query<{ 'QUERY PLAN': string }[]>(
        `EXPLAIN (ANALYZE, BUFFERS) ${sql}`,
        parameters as unknown[],
      );
      const lines = plan.map((row) => row['QUERY PLAN']);
      expect(
        lines.filter((line) => /(Seq|Bitmap \w+) Scan on order(s|_history)\b/.test(line)),
      ).toEqual([]);
      const [, hit] = /Buffers: shared hit=(\d+)/.exec(lines.join('\n'))!;
      expect(Number(hit)).toBeLessThan(50);
    } else {
      const plan = await app.dataSource.query<{ detail: string }[]>(
        `EXPLAIN QUERY PLAN ${sql}`,
        parameters as unknown[],
      );
      const scans = plan
        .map(({ detail }) => detail)
        .filter((detail) => /order(s|_history)\b/.test(detail));
      expect(scans).toHaveLength(3);
      for (const scan of scans)
        expect(scan).toMatch(
          /^(SEARCH .* INDEX \w+ \((position>|status=)\?\)|SCAN order_history USING INDEX order_history_unnumbered_idx)$/,
        );
    }
  });

  it(`equal the number of orders after a random history (FAULT_SEED=${FAULTS.seed})`, async () => {
    const random = new SeededRandom(FAULTS.seed);
    const second = await startOther();
    const outcomes = [undefined, failed('No such product'), postponed('Out of stock', 600)];
    app.fulfilment.script = () => Promise.resolve(outcomes[random.integer(0, 2)]);
    const ids = (condition: string) =>
      app.dataSource
        .query<{ id: number }[]>(`SELECT id FROM orders WHERE ${condition} ORDER BY id`)
        .then((rows) => rows.map(({ id }) => id));
    const some = (all: readonly number[]) => all.filter(() => random.integer(0, 2) === 0);
    const actions = [
      () => admin.placeOrders(random.integer(1, 8)),
      async () => {
        for (const id of some(await ids(`status = 'pending'`))) {
          await admin.patch(`/orders/${id}/cancel`).expect(200);
        }
      },
      () => app.processor.runOnce(),
      () => makePostponedOrdersDue(app),
      async () => {
        for (const id of some(await ids(`status = 'failed'`))) {
          await admin.post(`/admin/orders/${id}/retry`).expect(202);
        }
      },
      async () => deleteOrders(some(await ids(`status IN ('completed', 'cancelled')`))),
      () => app.periodicWork.step(),
      () => second.periodicWork.step(),
      () => Promise.all([reader().advance(), second.nest.get(StatisticsReader).advance()]),
    ];
    for (let n = 0; n < 60; n++) {
      await actions[random.integer(0, actions.length - 1)]!();
      expect(await counts()).toEqual(await countOrders());
    }
    await catchUp();
    expect(await counted()).toEqual(await countOrders());
  }, 60_000);

  it('have each entry once when readers of two instances race', async () => {
    const second = await startOther();
    const orders = 4 * STATISTICS_BATCH_SIZE + 77;
    await insertPendingOrders(app.dataSource, admin.userId, orders);
    // Numbers without the readers.
    const paused = jest.spyOn(StatisticsReader.prototype, 'isNeeded').mockResolvedValue(false);
    await app.periodicWork.step();
    paused.mockRestore();
    expect(await position()).toBe(0);
    while (await reader().isNeeded()) {
      const racing = [app, second, app, second].map((instance) =>
        instance.nest.get(StatisticsReader).advance(),
      );
      const results = await Promise.all(racing);
      expect(results.some((result) => result !== 'busy')).toBe(true);
    }
    expect(await counted()).toEqual({ ...NONE, pending: orders });
    expect(await position()).toBe(orders);
  });

  it.each(['order_counts', 'order_minutes'])(
    'change together with the position, or not at all, when the commit of %s fails',
    async (table) => {
      await admin.placeOrders(2);
      await app.processor.runOnce();
      const paused = jest.spyOn(StatisticsReader.prototype, 'isNeeded').mockResolvedValue(false);
      await app.periodicWork.step();
      paused.mockRestore();
      await failCommitsOf(app.dataSource, table);
      await expect(reader().advance()).rejects.toThrow();
      expect(await position()).toBe(0);
      expect(await counted()).toEqual(NONE);
      expect(await counts()).toEqual({ ...NONE, completed: 2 });
      await app.dataSource.query(`DROP TRIGGER break_commit ${isPostgres() ? `ON ${table}` : ''}`);
      await catchUp();
      expect(await counted()).toEqual({ ...NONE, completed: 2 });
    },
  );

  it('do not have orders that retention has deleted, however many of their entries were read', async () => {
    const ids = await admin.placeOrders(4);
    await catchUp();
    await app.processor.runOnce();
    // The placements were counted, but not the other entries.
    const paused = jest.spyOn(StatisticsReader.prototype, 'isNeeded').mockResolvedValue(false);
    await app.periodicWork.step();
    paused.mockRestore();
    expect(await deleteOrders(ids.slice(0, 2))).toBe(2);
    expect(await counted()).toEqual({ ...NONE, pending: 2 });
    expect(await counts()).toEqual({ ...NONE, completed: 2 });
    await catchUp();
    expect(await counted()).toEqual({ ...NONE, completed: 2 });
    expect(await deleteOrders(ids)).toBe(2);
    expect(await counts()).toEqual(NONE);
  });

  it('reach the latest position when retention has deleted all entries after theirs', async () => {
    const ids = await admin.placeOrders(2);
    await app.processor.runOnce();
    const paused = jest.spyOn(StatisticsReader.prototype, 'isNeeded').mockResolvedValue(false);
    await app.periodicWork.step();
    paused.mockRestore();
    await deleteOrders(ids);
    expect(await reader().isNeeded()).toBe(true);
    await catchUp();
    expect(await position()).toBe(6);
    expect(await counted()).toEqual(NONE);
  });

  describe('per minute', () => {
    const minutes = () =>
      app.dataSource.query<{ minute: string; completed: number; failed: number }[]>(
        'SELECT minute, completed, failed FROM order_minutes ORDER BY minute',
      );

    let now: number;

    beforeEach(() => {
      now = Date.now();
    });

    const moveHistory = (id: number, seconds: number) => {
      const instant = new Date(now - seconds * 1_000).toISOString();
      return app.dataSource.query(
        `UPDATE order_history SET created_at = '${instant}' WHERE order_id = ${id}`,
      );
    };

    it('have completed and failed orders by the instant of their transition', async () => {
      const ids = await admin.placeOrders(3);
      await app.processor.runOnce();
      const [failing] = await placeFailedOrders(app, admin, 1);
      for (const id of [...ids, failing]) await moveHistory(id, 600);
      await moveHistory(ids[2]!, 1_200);
      await catchUp();
      const found = await minutes();
      expect(found.map(({ completed, failed: f }) => [completed, f])).toEqual([
        [1, 0],
        [2, 1],
      ]);
      for (const { minute } of found) expect(minute).toMatch(/:00\.000Z$/);
    });

    it('are deleted when they are old, and not written when they are old already', async () => {
      const [first, second, third] = await admin.placeOrders(3);
      await app.processor.runOnce();
      await moveHistory(first!, 10_000);
      await moveHistory(second!, 7_000);
      await moveHistory(third!, 60);
      await catchUp();
      expect(await minutes()).toHaveLength(2);
      const old = new Date(Date.now() - 8_000_000).toISOString();
      const [oldest] = await minutes();
      await app.dataSource.query(
        `UPDATE order_minutes SET minute = '${old}' WHERE minute = '${oldest!.minute}'`,
      );
      await admin.placeOrders(1);
      await app.processor.runOnce();
      await catchUp();
      expect((await minutes()).map(({ minute }) => minute)).not.toContain(old);
    });
  });

  it('need only the entries after their position', async () => {
    await admin.placeOrders(3);
    await catchUp();
    const sql = `UPDATE order_history SET to_status = 'failed' WHERE position <= :position`;
    await namedQuery(app.dataSource.manager, sql, { position: await position() });
    await admin.placeOrders(1);
    await catchUp();
    expect(await counted()).toEqual({ ...NONE, pending: 4 });
  });
});
