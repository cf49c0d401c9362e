import { Instance } from '../src/jobs/instance.entity';
import { Instances } from '../src/jobs/instances';
import { OrderBacklog } from '../src/orders/order-backlog';
import { Order } from '../src/orders/order.entity';
import type { ProcessingStatusResponse } from '../src/jobs/processing.dto';
import type { SignedUp } from './support/api-client';
import { EVERY_SECOND } from './support/cron';
import { placeFailedOrders } from './support/failed-orders';
import { insertOrders } from './support/insert-orders';
import { expectBoundedScans } from './support/query-plans';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';
import { waitUntil } from './support/wait-until';

/** How long the state is served after it was read, in milliseconds. */
const PAUSE_MS = 5_000;

/** Instances report themselves at this interval while nothing changes, in milliseconds. */
const REPORT_MS = 10_000;

const INSTANT = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/) as string;

describe('GET /admin/processing', () => {
  const others: TestApp[] = [];
  let admin: SignedUp;

  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all(others.splice(0).map((other) => other.stop()));
  });

  const SHARED = { JWT_SECRET: 'a secret that several instances share' };
  const app = TestApp.forEachTest({ ...SHARED, PROCESSING_CONCURRENCY: '7' });

  beforeEach(async () => {
    admin = await app.signUpAdmin();
    app.clock.freeze();
  });

  const startOther = async (environment: Record<string, string> = {}) => {
    const other = await TestApp.start({ ...app.databaseEnvironment, ...SHARED, ...environment });
    others.push(other);
    return other;
  };

  const get = () => admin.get('/admin/processing');

  /** The state as it is now, read again. */
  const status = async () => {
    app.clock.advance(PAUSE_MS);
    return (await get().expect(200)).body as ProcessingStatusResponse;
  };

  const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000);

  describe('counts', () => {
    it('due orders of each kind, and those that are being processed', async () => {
      expect(await status()).toMatchObject({
        paused: false,
        due: 0,
        oldest_due_age_seconds: null,
        in_flight: 0,
        as_of: INSTANT,
      });
      const { userId } = admin;
      const pending = { userId, status: 'pending' } as const;
      const [withTurn, alone, later] = await insertOrders(app.dataSource, [
        { ...pending, createdAt: ago(100) },
        { ...pending, createdAt: ago(200) },
        { ...pending, createdAt: ago(900) },
        { ...pending, createdAt: ago(400) },
        { userId, status: 'processing', createdAt: ago(800) },
        { userId, status: 'failed', createdAt: ago(800) },
        { userId, status: 'completed', createdAt: ago(800) },
      ]);
      const orders = app.dataSource.getRepository(Order);
      await orders.update(withTurn!, { turn: 5 });
      await orders.update(alone!, { runsAlone: true });
      await orders.update(later!, { nextAttemptAt: ago(-100) });
      const { due, oldest_due_age_seconds: age, in_flight } = await status();
      expect({ due, in_flight }).toEqual({ due: 3, in_flight: 1 });
      expect(age).toBeGreaterThanOrEqual(400);
      expect(age).toBeLessThan(430);
    });

    it('orders in indexes, and a bounded number of them', async () => {
      const createdAt = ago(60);
      const order = { userId: admin.userId, status: 'pending', createdAt } as const;
      const ids = await insertOrders(
        app.dataSource,
        Array.from({ length: 3_000 }, () => order),
      );
      await app.dataSource.query(`UPDATE orders SET turn = id WHERE id < ${ids[1_000]}`);
      if (isPostgres()) await app.dataSource.query('VACUUM ANALYZE orders');
      const query = jest.spyOn(app.dataSource.manager, 'query');
      const { due, processing } = await app.nest.get(OrderBacklog).readDue();
      const statements = query.mock.calls;
      query.mockRestore();
      expect({ due, processing }).toEqual({ due: 3_000, processing: 0 });
      expect(statements).toHaveLength(3);
      for (const [sql, parameters] of statements) {
        await expectBoundedScans(app.dataSource, sql, parameters as unknown[]);
      }
    });
  });

  describe('is read', () => {
    it('at most once in 5 seconds, also by concurrent requests', async () => {
      const read = jest.spyOn(app.nest.get(OrderBacklog), 'readDue');
      await Promise.all([get(), get(), get()]);
      app.clock.advance(PAUSE_MS - 1);
      await get();
      expect(read).toHaveBeenCalledTimes(1);
      app.clock.advance(1);
      await get();
      expect(read).toHaveBeenCalledTimes(2);
    });

    it('again after 20 times as long as the reading took', async () => {
      const backlog = app.nest.get(OrderBacklog);
      const readDue = backlog.readDue.bind(backlog);
      const read = jest.spyOn(backlog, 'readDue').mockImplementation(() => {
        app.clock.advance(1_000);
        return readDue();
      });
      await get().expect(200);
      app.clock.advance(19_999);
      await get().expect(200);
      expect(read).toHaveBeenCalledTimes(1);
      app.clock.advance(1);
      await get().expect(200);
      expect(read).toHaveBeenCalledTimes(2);
    });

    it('again 5 seconds after an error, and not before', async () => {
      const read = jest.spyOn(app.nest.get(OrderBacklog), 'readDue');
      read.mockRejectedValueOnce(new Error('timeout'));
      await get().expect(500);
      await get().expect(500);
      expect(read).toHaveBeenCalledTimes(1);
      await status();
    });

    it('with an entity tag, and is 304 while it has not changed', async () => {
      const { headers } = await get().expect(200);
      const etag = String(headers['etag']);
      const again = await get().set('If-None-Match', etag).expect(304);
      expect(again.text).toBe('');
      await admin.post('/admin/processing/pause').expect(204);
      const changed = await get().set('If-None-Match', etag).expect(200);
      expect(changed.body).toMatchObject({ paused: true });
      app.clock.advance(PAUSE_MS);
      const later = await get().set('If-None-Match', String(changed.headers['etag'])).expect(200);
      expect((later.body as ProcessingStatusResponse).as_of).not.toBe(changed.body.as_of);
    });
  });

  describe('has the throughput', () => {
    const MINUTE_MS = 60_000;

    it('of the last 60 minutes, which are 0 without orders, up to that of the reading', async () => {
      const { throughput, as_of } = await status();
      const last = Math.floor(Date.parse(as_of) / MINUTE_MS) * MINUTE_MS;
      expect(throughput).toEqual(
        Array.from({ length: 60 }, (_, index) => ({
          minute: new Date(last - (59 - index) * MINUTE_MS).toISOString(),
          completed: 0,
          failed: 0,
        })),
      );
    });

    it('of completed and failed orders, on each instance', async () => {
      const other = await startOther();
      const user = await app.api.signUp();
      await user.placeOrders(3);
      await app.processor.runOnce();
      await placeFailedOrders(app, user, 2);
      for (let n = 0; n < 2; n++) await other.periodicWork.step();
      const { throughput } = await status();
      const sum = (of: 'completed' | 'failed') =>
        throughput.slice(-3).reduce((total, minute) => total + minute[of], 0);
      expect([sum('completed'), sum('failed')]).toEqual([3, 2]);
      const again = await other.api.withToken(admin.token!).get('/admin/processing').expect(200);
      const busy = (minutes: ProcessingStatusResponse['throughput']) =>
        minutes.filter(({ completed, failed }) => completed + failed > 0);
      expect(busy((again.body as ProcessingStatusResponse).throughput)).toEqual(busy(throughput));
    });

    it('with a new entity tag when it has changed', async () => {
      const etag = String((await get().expect(200)).headers['etag']);
      const user = await app.api.signUp();
      await user.placeOrder();
      await app.processor.runOnce();
      for (let n = 0; n < 2; n++) await app.periodicWork.step();
      await get().set('If-None-Match', etag).expect(304);
      app.clock.advance(PAUSE_MS);
      const { body } = await get().set('If-None-Match', etag).expect(200);
      const { throughput } = body as ProcessingStatusResponse;
      expect(throughput.some(({ completed }) => completed === 1)).toBe(true);
    });
  });

  describe('lists an instance', () => {
    it('from its start on, with what it does', async () => {
      await app.periodicWork.step();
      const { instances, as_of } = await status();
      expect(instances).toEqual([
        {
          id: expect.stringMatching(new RegExp(`-${process.pid}-[0-9a-f]{8}$`)),
          version: expect.stringMatching(/^\d+\.\d+\.\d+/),
          started_at: INSTANT,
          last_seen_at: INSTANT,
          processing: true,
          concurrency: 7,
          in_flight: 0,
          last_run_at: null,
          next_run_at: INSTANT,
        },
      ]);
      const [{ started_at, last_seen_at, next_run_at }] = instances as [(typeof instances)[0]];
      expect(started_at <= last_seen_at && last_seen_at <= as_of).toBe(true);
      // PROCESSING_CRON is the 29th of February.
      expect(next_run_at).toMatch(/-(02-2[89]|03-01)T/);
    });

    it('with its attempts, its last run and its next one', async () => {
      // In half a day: no run begins during the test.
      const next = new Date();
      next.setHours(next.getHours() + 12, 0, 0, 0);
      const other = await startOther({ PROCESSING_CRON: `0 0 ${next.getHours()} * * *` });
      const user = await app.api.signUp();
      await user.placeOrder();
      let finish = (): void => undefined;
      const finished = new Promise<void>((resolve) => (finish = resolve));
      other.fulfilment.script = () => finished;
      const run = other.processor.runOnce();
      await waitUntil(() => other.fulfilment.started === 1);
      await other.periodicWork.step();
      const busy = (await status()).instances[1]!;
      expect(busy).toMatchObject({ in_flight: 1, last_run_at: INSTANT });
      // The database adds the time until then to its own, after a stall to a later one.
      expect(Math.abs(Date.parse(busy.next_run_at!) - next.getTime())).toBeLessThan(30_000);

      finish();
      await run;
      await other.periodicWork.step();
      const idle = (await status()).instances[1]!;
      expect(idle).toMatchObject({ in_flight: 0, started_at: busy.started_at });
      expect(idle.last_run_at! > busy.last_run_at!).toBe(true);
      other.clock.advance(REPORT_MS);
      await other.periodicWork.step();
      const later = (await status()).instances[1]!;
      expect(later.last_seen_at > idle.last_seen_at).toBe(true);
      idle.last_seen_at = later.last_seen_at;
      expect(later).toEqual(idle);
    });

    it('that serves HTTP only', async () => {
      await startOther({ PROCESSING_ENABLED: 'false' });
      const { instances } = await status();
      expect(instances.map(({ processing, concurrency }) => [processing, concurrency])).toEqual([
        [true, 7],
        [false, 0],
      ]);
      expect(instances[1]).toMatchObject({ last_run_at: null, next_run_at: null });
    });

    it('that has just been started again, until its shutdown', async () => {
      const other = await startOther();
      expect((await status()).instances).toHaveLength(2);
      // Before the shutdown, because tokens are verified by the application that was started last.
      const rows = app.dataSource.getRepository(Instance);
      await other.stop();
      expect(await rows.count()).toBe(1);
    });

    it('for a minute after it has reported itself last, and deletes its report later', async () => {
      await startOther();
      const rows = app.dataSource.getRepository(Instance);
      const [first, second] = await rows.find({ order: { startedAt: 'ASC' } });
      await rows.update({ id: second!.id }, { lastSeenAt: ago(50) });
      expect((await status()).instances.map(({ id }) => id)).toEqual([first!.id, second!.id]);
      await rows.update({ id: second!.id }, { lastSeenAt: ago(61) });
      expect((await status()).instances.map(({ id }) => id)).toEqual([first!.id]);

      app.clock.advance(60_000);
      await app.periodicWork.step();
      expect(await rows.find({ select: { id: true } })).toEqual([{ id: first!.id }]);
    });

    it('again after it could not report itself for so long that it was deleted', async () => {
      const rows = app.dataSource.getRepository(Instance);
      const [before] = (await status()).instances;
      await rows.deleteAll();
      app.clock.advance(REPORT_MS);
      await app.periodicWork.step();
      const [after] = (await status()).instances;
      expect(after).toMatchObject({ id: before!.id, processing: true });
      const difference = Date.parse(after!.started_at) - Date.parse(before!.started_at);
      expect(Math.abs(difference)).toBeLessThan(10_000);
    });

    it('with the instants of its runs as they were first reported', async () => {
      const instances = app.nest.get(Instances);
      const report = {
        id: 'other',
        version: '2.2.0',
        processing: true,
        concurrency: 1,
        inFlight: 0,
        secondsSinceStart: 9.5,
        secondsSinceRun: 5,
        secondsToNextRun: 5,
        areRunsNew: true,
      };
      const runs = async () => {
        const { lastRunAt, nextRunAt } = (await instances.list()).find(({ id }) => id === 'other')!;
        return [lastRunAt!.getTime(), nextRunAt!.getTime()] as const;
      };
      await instances.report(report);
      const first = await runs();
      expect(first[1] - first[0]).toBe(10_000);
      const later = { ...report, secondsSinceRun: 1, secondsToNextRun: 90 };
      await instances.report({ ...later, areRunsNew: false });
      expect(await runs()).toEqual(first);
      await instances.report(later);
      const [last, next] = await runs();
      expect(next - last).toBe(91_000);
    });

    it('and writes its report every 10 seconds while nothing changes, otherwise every 2', async () => {
      const report = jest.spyOn(app.nest.get(Instances), 'report');
      app.clock.advance(REPORT_MS);
      await app.periodicWork.step();
      report.mockClear();
      app.clock.advance(REPORT_MS - 1);
      await app.periodicWork.step();
      expect(report).not.toHaveBeenCalled();
      await app.processor.runOnce();
      await app.periodicWork.step();
      expect(report).toHaveBeenCalledTimes(1);
      expect(report).toHaveBeenLastCalledWith(expect.objectContaining({ areRunsNew: true }));
      app.clock.advance(REPORT_MS);
      await app.periodicWork.step();
      expect(report).toHaveBeenCalledTimes(2);
      expect(report).toHaveBeenLastCalledWith(expect.objectContaining({ areRunsNew: false }));
    });
  });
});

describe('the start of an instance', () => {
  it('runs at the times of its schedule while processing is not paused', async () => {
    const app = await TestApp.start({ PROCESSING_CRON: EVERY_SECOND });
    try {
      const admin = await app.signUpAdmin();
      await admin.post('/admin/processing/pause').expect(204);
      const { id } = await admin.placeOrder();
      const runOnce = jest.spyOn(app.processor, 'runOnce');
      await waitUntil(() => runOnce.mock.calls.length >= 2);
      expect((await admin.order(id)).status).toBe('pending');
    } finally {
      jest.restoreAllMocks();
      await app.stop();
    }
  });
});
