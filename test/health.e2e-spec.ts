import { DatabaseProbe } from '../src/database/database-probe';
import { migrate } from '../src/database/migrate';
import { type ApiClient, expectProblem } from './support/api-client';
import { leastOf } from './support/least-of';
import { repeatIfStalled } from './support/repeat-if-stalled';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';
import { waitUntil } from './support/wait-until';

describe('Health', () => {
  const app = TestApp.forSuite();
  /** The application of a single test, stopped after the test even if it fails. */
  let ownApp: TestApp | undefined;

  afterEach(async () => {
    jest.restoreAllMocks();
    await ownApp?.stop();
    ownApp = undefined;
  });

  async function expectReady(api: ApiClient): Promise<void> {
    const response = await api.get('/health/ready');
    expect({ status: response.status, text: response.text }).toEqual({
      status: 200,
      text: '{"status":"ok"}',
    });
  }

  /** The process is alive while it is not ready: a restart would not help. */
  async function expectAliveButNotReady(api: ApiClient, checks: object): Promise<void> {
    const response = await api.get('/health/ready');
    expectProblem(response, 503, 'service_unavailable');
    expect((response.body as { checks?: unknown }).checks).toEqual(checks);
    expect(response.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect((await api.get('/health/live').expect(200)).text).toBe('{"status":"ok"}');
  }

  describe('GET /', () => {
    it('returns the status of the API without a token', async () => {
      const response = await app.api.get('/');
      expect(response.status).toBe(200);
      expect(response.headers['content-type']).toMatch(/^application\/json/);
      expect(response.body).toEqual({ status: 'healthy', message: 'API is running' });
    });

    it('links to the explorer, the OpenAPI document and the readiness probe', async () => {
      const { headers } = await app.api.get('/').expect(200);
      const links = Array.from(headers['link']!.matchAll(/<([^>]+)>; rel="([\w-]+)"/g));
      expect(links.map(([, , relation]) => relation)).toEqual([
        'service-doc',
        'service-desc',
        'status',
      ]);
      for (const [, path] of links) await app.api.get(path!).expect(200);
    });

    it('ignores an invalid token', async () => {
      await app.api.withToken('expired').get('/').expect(200);
    });
  });

  describe('GET /health/live', () => {
    it('responds with 200 without a token', async () => {
      const response = await app.api.get('/health/live');
      expect(response.status).toBe(200);
      expect(response.text).toBe('{"status":"ok"}');
    });
  });

  describe('GET /health/ready', () => {
    it('responds with 200 without a token', async () => {
      await expectReady(app.api);
    });

    it('responds with 503 while the database is unreachable, and with 200 afterwards', async () => {
      const ping = jest
        .spyOn(app.nest.get(DatabaseProbe), 'ping')
        .mockRejectedValue(new Error('connect ECONNREFUSED 127.0.0.1:5432'));
      await expectAliveButNotReady(app.api, { database: 'down' });
      ping.mockRestore();
      await expectReady(app.api);
    });

    it('logs once that the database is down, and once that it is up again', async () => {
      const from = app.logLines.length;
      const ping = jest
        .spyOn(app.nest.get(DatabaseProbe), 'ping')
        .mockRejectedValue(new Error('connect ECONNREFUSED 127.0.0.1:5432'));
      for (let probe = 0; probe < 3; probe++) {
        await expectAliveButNotReady(app.api, { database: 'down' });
      }
      ping.mockRestore();
      for (let probe = 0; probe < 3; probe++) await expectReady(app.api);
      const lines = app.logLines.slice(from).filter(({ context }) => context !== undefined);
      expect(lines).toMatchObject([
        {
          level: 'warn',
          msg: 'Not ready: database down',
          reason: 'connect ECONNREFUSED 127.0.0.1:5432',
        },
        { level: 'info', msg: 'Ready again' },
      ]);
    });

    it('fault 36: responds with 200 within a second while requests hold all database connections', async () => {
      const measure = async () => {
        const runners = Array.from({ length: 20 }, () => app.dataSource.createQueryRunner());
        // One transaction holds the only connection of SQLite; the others would wait for it.
        const holding = isPostgres() ? runners : runners.slice(0, 1);
        try {
          for (const runner of holding) await runner.startTransaction();
          const start = performance.now();
          await Promise.all(Array.from({ length: 20 }, () => expectReady(app.api)));
          return performance.now() - start;
        } finally {
          const open = holding.filter(({ isTransactionActive }) => isTransactionActive);
          await Promise.all(open.map((runner) => runner.rollbackTransaction()));
          await Promise.all(runners.map((runner) => runner.release()));
        }
      };
      // A stall also exceeds the time limit of the probe, which is a response with 503.
      await repeatIfStalled(async () => {
        expect(await leastOf(1_000, measure)).toBeLessThan(1_000);
      });
    });

    it('responds with 503 after the database connection was closed', async () => {
      ownApp = await TestApp.start();
      await expectReady(ownApp.api);
      await ownApp.dataSource.destroy();
      await expectAliveButNotReady(ownApp.api, { database: 'down' });
    });

    it('responds with 503 while migrations are pending, and with 200 after they have run', async () => {
      ownApp = await TestApp.start({ DATABASE_MIGRATE_ON_START: 'false' });
      await expectAliveButNotReady(ownApp.api, { migrations: 'pending' });
      await migrate(ownApp.dataSource);
      await expectReady(ownApp.api);
    });

    it('responds with 503 from the beginning of a shutdown, while orders are being completed', async () => {
      const stopping = await TestApp.start();
      const { api, fulfilment, processor } = stopping;
      let finish = () => {};
      let stopped: Promise<void> | undefined;
      try {
        await (await api.signUp()).placeOrder();
        fulfilment.script = () => new Promise((resolve) => (finish = resolve));
        const fulfilling = jest.spyOn(fulfilment, 'fulfil');
        const run = processor.runOnce();
        await waitUntil(() => fulfilling.mock.calls.length === 1);

        stopped = stopping.stop();
        await waitUntil(async () => (await api.get('/health/ready')).status === 503);
        await expectAliveButNotReady(api, { shutdown: 'begun' });
        finish();
        expect(await run).toBe(1);
      } finally {
        finish();
        await (stopped ?? stopping.stop());
      }
    });
  });
});
