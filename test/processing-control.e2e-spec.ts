import { DatabaseUnavailableError } from '../src/database/database-unavailable.error';
import { SharedProcessingState } from '../src/jobs/shared-processing-state';
import { type ApiClient, type SignedUp, expectProblem } from './support/api-client';
import { checkHistories } from './support/history-checker';
import { metricsUrlOf, scrape } from './support/scrape';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

/** After this time, in milliseconds, a claim reads the state by itself. */
const MAX_AGE_MS = 1_500;

/** Each instance accepts the tokens of the others. */
const SHARED = { JWT_SECRET: 'a secret that several instances share' };

const PAUSE = '/admin/processing/pause';
const RESUME = '/admin/processing/resume';
const RUNS = '/admin/processing/runs';

describe('processing that admins control', () => {
  const others: TestApp[] = [];
  let user: ApiClient;
  let admin: SignedUp;

  afterEach(async () => {
    jest.restoreAllMocks();
    await Promise.all(others.splice(0).map((other) => other.stop()));
    await checkHistories(app.dataSource, []);
  });

  const app = TestApp.forEachTest({ ...SHARED, PROCESSING_CONCURRENCY: '1', METRICS_PORT: '0' });

  beforeEach(async () => {
    [user, admin] = [await app.api.signUp(), await app.signUpAdmin()];
  });

  /** Another instance on the same database. */
  const startOther = async (environment: Record<string, string> = {}) => {
    const other = await TestApp.start({ ...app.databaseEnvironment, ...SHARED, ...environment });
    others.push(other);
    return other;
  };

  const leaveOrdersToOthers = () => jest.spyOn(app.processor, 'runOnce').mockResolvedValue(0);

  const statusOf = async (id: number) => (await user.order(id)).status;

  const linesAbout = ({ logLines }: TestApp, pattern: RegExp) =>
    logLines.filter(({ msg }) => pattern.test(String(msg)));

  describe.each([
    ['get', '/admin/processing'],
    ['post', PAUSE],
    ['post', RESUME],
    ['post', RUNS],
  ] as const)('%s %s', (method, path) => {
    it('requires authentication', async () => {
      expectProblem(await app.api[method](path), 401, 'unauthenticated');
    });

    it('is forbidden to customers', async () => {
      expectProblem(await user[method](path), 403, 'forbidden');
    });

    it('rejects a query', async () => {
      expectProblem(await admin[method](`${path}?all=true`), 400, 'validation_failed');
    });
  });

  describe('POST /admin/processing/pause', () => {
    it('keeps orders pending at each tick and each wake, and counts no attempt', async () => {
      const { id } = await user.placeOrder();
      await admin.post(PAUSE).expect(204);
      expect(await app.processor.runOnce()).toBe(0);
      await admin.post(RUNS).expect(202);
      expect(await app.processor.runOnce()).toBe(0);
      expect(await user.order(id)).toMatchObject({ status: 'pending', attempts: 0 });

      await admin.post(RESUME).expect(204);
      await waitUntil(async () => (await statusOf(id)) === 'completed');
      expect((await user.order(id)).attempts).toBe(1);
      expect(await user.path(id)).toEqual(['pending', 'processing', 'completed']);
    });

    it('lets the order in work finish, and the run claims no other one', async () => {
      const [first, second] = await user.placeOrders(2);
      let finish = (): void => undefined;
      const finished = new Promise<void>((resolve) => (finish = resolve));
      app.fulfilment.script = () => finished;
      const run = app.processor.runOnce();
      await waitUntil(() => app.fulfilment.started === 1);
      await admin.post(PAUSE).expect(204);
      finish();
      expect(await run).toBe(1);
      expect(await statusOf(first!)).toBe('completed');
      expect(await user.order(second!)).toMatchObject({ status: 'pending', attempts: 0 });
    });

    it('does not claim an order that runs alone', async () => {
      const { id } = await user.placeOrder();
      await app.dataSource.query(`UPDATE orders SET runs_alone = TRUE WHERE id = ${id}`);
      await admin.post(PAUSE).expect(204);
      expect(await app.processor.runOnce()).toBe(0);
      expect(await user.order(id)).toMatchObject({ status: 'pending', attempts: 0 });
      await admin.post(RESUME).expect(204);
      await waitUntil(async () => (await statusOf(id)) === 'completed');
    });

    it('can be repeated, also at the same time, and is logged once, with the admin', async () => {
      const responses = await Promise.all(Array.from({ length: 5 }, () => admin.post(PAUSE)));
      expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 204));
      expect(responses[0]!.text).toBe('');
      for (let n = 0; n < 2; n++) await admin.post(RESUME).expect(204);
      expect(linesAbout(app, /^Processing is/)).toMatchObject([
        { msg: 'Processing is paused', admin_id: admin.userId },
        { msg: 'Processing is resumed', admin_id: admin.userId },
      ]);
    });

    it('does not make the instance unready', async () => {
      await admin.post(PAUSE).expect(204);
      await app.api.get('/health/ready').expect(200);
    });

    it('lets orders be placed and cancelled', async () => {
      await admin.post(PAUSE).expect(204);
      const { id } = await user.placeOrder();
      await user.patch(`/orders/${id}/cancel`).expect(200);
    });

    it('survives a restart', async () => {
      await admin.post(PAUSE).expect(204);
      const { id } = await user.placeOrder();
      const restarted = await startOther();
      expect(linesAbout(restarted, /^Processing is/)).toMatchObject([
        { msg: 'Processing is paused' },
      ]);
      expect(await restarted.processor.runOnce()).toBe(0);
      expect(await statusOf(id)).toBe('pending');
    });

    it('is shown by a metric', async () => {
      const isPaused = async () =>
        (await scrape(metricsUrlOf(app))).get('orders_processing_paused');
      expect(await isPaused()).toBe(0);
      await admin.post(PAUSE).expect(204);
      expect(await isPaused()).toBe(1);
    });
  });

  describe('POST /admin/processing/runs', () => {
    it('starts a run', async () => {
      const { id } = await user.placeOrder();
      const response = await admin.post(RUNS).expect(202);
      expect(response.body).toEqual({ status: 'accepted' });
      await waitUntil(async () => (await statusOf(id)) === 'completed');
    });
  });

  describe('another instance', () => {
    it('stops claiming when it has read the state, and goes on without a tick', async () => {
      const other = await startOther();
      await admin.post(PAUSE).expect(204);
      await other.periodicWork.step();
      const ids = await user.placeOrders(2);
      expect(await other.processor.runOnce()).toBe(0);

      leaveOrdersToOthers();
      await admin.post(RESUME).expect(204);
      await other.periodicWork.step();
      await waitUntil(async () => (await statusOf(ids[1]!)) === 'completed');
      expect(other.fulfilment.fulfilled).toEqual(ids);
      // Nest has one logger for both applications.
      const lines = linesAbout(other, /^Processing is/).filter((line) => !('admin_id' in line));
      expect(lines.map(({ msg }) => msg)).toEqual([
        'Processing is paused',
        'Processing is resumed',
      ]);
    });

    it('reads the state before a claim when it could not do so for a while', async () => {
      const other = await startOther();
      other.clock.freeze();
      await other.periodicWork.step();
      await admin.post(PAUSE).expect(204);
      const [first, second] = await user.placeOrders(2);
      other.clock.advance(MAX_AGE_MS);
      expect(await other.processor.runOnce()).toBe(2); // it cannot know yet
      expect(await statusOf(first!)).toBe('completed');
      expect(await statusOf(second!)).toBe('completed');

      const { id } = await user.placeOrder();
      other.clock.advance(1);
      expect(await other.processor.runOnce()).toBe(0);
      expect(await statusOf(id)).toBe('pending');
    });

    it('goes on while attempts of its current run take long', async () => {
      const other = await startOther({ PROCESSING_CONCURRENCY: '2' });
      const { id: slow } = await user.placeOrder();
      let finish = (): void => undefined;
      const finished = new Promise<void>((resolve) => (finish = resolve));
      other.fulfilment.script = ({ id }) => (id === slow ? finished : Promise.resolve());
      const run = other.processor.runOnce();
      await waitUntil(() => other.fulfilment.started === 1);
      await admin.post(PAUSE).expect(204);
      await other.periodicWork.step();
      const { id } = await user.placeOrder();
      await other.processor.runOnce();
      await other.periodicWork.step();
      expect(await statusOf(id)).toBe('pending');

      leaveOrdersToOthers();
      await admin.post(RESUME).expect(204);
      await other.periodicWork.step();
      await waitUntil(async () => (await statusOf(id)) === 'completed');
      expect(await statusOf(slow)).toBe('processing');
      finish();
      expect(await run).toBe(2);
    });

    it('is woken through an instance that serves HTTP only', async () => {
      const web = await startOther({ PROCESSING_ENABLED: 'false' });
      const { id } = await user.placeOrder();
      await web.api.withToken(admin.token!).post(RUNS).expect(202);
      expect(await statusOf(id)).toBe('pending');
      await app.periodicWork.step();
      await waitUntil(async () => (await statusOf(id)) === 'completed');
    });

    it('starts no run for a wake before its start, or while nothing changes', async () => {
      await admin.post(RUNS).expect(202);
      const other = await startOther();
      const runOnce = jest.spyOn(other.processor, 'runOnce');
      await other.periodicWork.step();
      await other.periodicWork.step();
      expect(runOnce).not.toHaveBeenCalled();
      await admin.post(RUNS).expect(202);
      await admin.post(RUNS).expect(202);
      await other.periodicWork.step();
      await other.periodicWork.step();
      expect(runOnce).toHaveBeenCalledTimes(1);
    });
  });

  it('keeps the change of this instance when a reading began before it, and ended after it', async () => {
    const shared = app.nest.get(SharedProcessingState);
    const read = shared.read.bind(shared);
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    jest.spyOn(shared, 'read').mockImplementationOnce(async () => {
      const before = await read();
      await finished;
      return before;
    });
    const step = app.periodicWork.step();
    await admin.post(PAUSE).expect(204);
    finish();
    await step;
    await user.placeOrder();
    expect(await app.processor.runOnce()).toBe(0);
    expect(linesAbout(app, /^Processing is/)).toHaveLength(1);
  });

  it('claims nothing while it cannot read the state, logs that once, and goes on', async () => {
    const { id } = await user.placeOrder();
    const error = new DatabaseUnavailableError('The connection was lost');
    const reading = jest
      .spyOn(app.nest.get(SharedProcessingState), 'read')
      .mockRejectedValue(error);
    app.clock.advance(MAX_AGE_MS + 1);
    for (let n = 0; n < 3; n++) await app.periodicWork.step();
    await expect(app.processor.runOnce()).rejects.toBe(error);
    expect(await user.order(id)).toMatchObject({ status: 'pending', attempts: 0 });
    reading.mockRestore();
    await app.periodicWork.step();
    expect(await app.processor.runOnce()).toBe(1);
    const about = linesAbout(app, /^Could (not )?read the state of processing/);
    expect(about.map(({ msg }) => msg)).toEqual([
      'Could not read the state of processing, trying again',
      'Could read the state of processing again',
    ]);
  });

  it('keeps what it has read while one reading fails', async () => {
    const error = new DatabaseUnavailableError('The connection was lost');
    await app.periodicWork.step();
    await admin.post(PAUSE).expect(204);
    jest.spyOn(app.nest.get(SharedProcessingState), 'read').mockRejectedValueOnce(error);
    await app.periodicWork.step();
    await user.placeOrder();
    expect(await app.processor.runOnce()).toBe(0);
  });
});
