import { setTimeout as delay } from 'node:timers/promises';
import request from 'supertest';
import { postponed } from '../src/jobs/fulfilment-step';
import { Measurements } from '../src/common/measurements';
import { PrometheusMetrics } from '../src/metrics/prometheus-metrics';
import { ReadinessService } from '../src/health/readiness.service';
import { OrderClaims } from '../src/jobs/order-claims';
import type { SignedUp } from './support/api-client';
import { reclaimAll } from './support/due';
import { insertOrders } from './support/insert-orders';
import { RawConnection, rawGet } from './support/raw-connection';
import { type Samples, metricsUrlOf, scrape } from './support/scrape';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

describe('Metrics', () => {
  const app = TestApp.forEachTest({ METRICS_PORT: '0' });
  let user: SignedUp;

  afterEach(() => jest.restoreAllMocks());

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  const samples = (): Promise<Samples> => scrape(metricsUrlOf(app));

  /** How much samples grow while something happens. */
  async function growth(work: () => Promise<unknown>): Promise<(name: string) => number> {
    const before = await samples();
    await work();
    const after = await samples();
    return (name) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
  }

  const requests = (method: string, route: string, status: number) =>
    `http_server_request_duration_seconds_count{http_request_method="${method}",` +
    `http_route="${route}",http_response_status_code="${status}"}`;

  async function combinations(): Promise<string[]> {
    const names = [...(await samples()).keys()];
    return names.filter((name) => name.startsWith('http_server_request_duration_seconds_count'));
  }

  describe('http_server_request_duration_seconds', () => {
    it('counts each response by method, route template and status', async () => {
      const grown = await growth(async () => {
        const { id } = await user.placeOrder();
        await user.get(`/orders/${id}`).expect(200);
        await user.get(`/orders/${id + 1}`).expect(404);
        await app.api.get(`/orders/${id}`).expect(401);
        await user.post('/orders', {}).expect(400);
      });
      expect(grown(requests('POST', '/orders', 201))).toBe(1);
      expect(grown(requests('GET', '/orders/{id}', 200))).toBe(1);
      expect(grown(requests('GET', '/orders/{id}', 404))).toBe(1);
      expect(grown(requests('GET', '/orders/{id}', 401))).toBe(1);
      expect(grown(requests('POST', '/orders', 400))).toBe(1);
    });

    it('counts responses that no route has sent, and that have no request', async () => {
      const grown = await growth(async () => {
        await user.get('/nope').expect(404);
        await user.raw('put', '/orders').expect(405);
        await user.raw('post', '/orders', { type: 'text/plain', content: 'x' }).expect(415);
        await RawConnection.exchange(app.api.url, 'nonsense\r\n\r\n');
      });
      expect(grown(requests('GET', 'none', 404))).toBe(1);
      expect(grown(requests('PUT', 'none', 405))).toBe(1);
      expect(grown(requests('POST', 'none', 415))).toBe(1);
      expect(grown(requests('_OTHER', 'none', 400))).toBe(1);
    });

    it('measures seconds', async () => {
      const grown = await growth(() => user.get('/users/me').expect(200));
      const labels = requests('GET', '/users/me', 200).replace(/^\w+/, '');
      const seconds = grown(`http_server_request_duration_seconds_sum${labels}`);
      expect(seconds).toBeGreaterThan(0.000_1);
      expect(seconds).toBeLessThan(5);
    });

    it('counts a request as 499 when its client disconnects before the response', async () => {
      const check = jest.spyOn(app.nest.get(ReadinessService), 'check');
      check.mockReturnValue(new Promise(() => undefined));
      const connection = RawConnection.open(app.api.url);
      connection.send(rawGet('', '/health/ready'));
      await waitUntil(() => check.mock.calls.length > 0);
      connection.socket.resetAndDestroy();
      const name = requests('GET', '/health/ready', 499);
      await waitUntil(async () => (await samples()).get(name) === 1);
    });

    it('has no more labels after requests with random paths, methods and names', async () => {
      await user.get('/nope').expect(404);
      await RawConnection.exchange(app.api.url, rawGet('Connection: close').replace('GET', 'LINK'));
      const before = await combinations();
      for (let n = 0; n < 30; n++) {
        await user.get(`/random-${n}/${Math.random()}`).expect(404);
        const method = ['PROPFIND', 'SEARCH', 'MKCOL'][n % 3]!;
        const line = rawGet('Connection: close', `/${n}`).replace('GET', method);
        await RawConnection.exchange(app.api.url, line);
      }
      const added = (await combinations()).filter((name) => !before.includes(name));
      expect(added.every((name) => name.includes('http_request_method="_OTHER"'))).toBe(true);
      expect(added.length).toBeLessThanOrEqual(1);
    });
  });

  describe('of orders', () => {
    it('count transitions, attempts and waits', async () => {
      const grown = await growth(async () => {
        await user.placeOrders(3);
        const id = (await user.placeOrder()).id;
        await user.patch(`/orders/${id}/cancel`).expect(200);
        app.fulfilment.script = async ({ id: order }) => {
          await delay(60);
          return order % 3 === 0 ? postponed('Later', 60) : undefined;
        };
        await app.processor.runOnce();
      });
      const moves = (from: string, to: string) =>
        `orders_transitions_total{from="${from}",to="${to}"}`;
      expect(grown(moves('none', 'pending'))).toBe(4);
      expect(grown(moves('pending', 'cancelled'))).toBe(1);
      expect(grown(moves('pending', 'processing'))).toBe(3);
      expect(grown(moves('processing', 'completed'))).toBe(2);
      expect(grown(moves('processing', 'pending'))).toBe(1);
      expect(grown('orders_attempts_total{outcome="completed"}')).toBe(2);
      expect(grown('orders_attempts_total{outcome="postponed"}')).toBe(1);
      expect(grown('orders_attempt_duration_seconds_count')).toBe(3);
      expect(grown('orders_attempt_duration_seconds_bucket{le="0.05"}')).toBe(0);
      expect(grown('orders_attempt_duration_seconds_sum')).toBeGreaterThan(0.15);
      expect(grown('orders_wait_seconds_count')).toBe(3);
    });

    it('measure the wait from the placement to the first claim', async () => {
      const age = 200;
      const createdAt = new Date(Date.now() - age * 1_000);
      await insertOrders(app.dataSource, [{ userId: user.userId, status: 'pending', createdAt }]);
      const grown = await growth(() => app.processor.runOnce());
      expect(grown('orders_wait_seconds_bucket{le="180"}')).toBe(0);
      expect(grown('orders_wait_seconds_bucket{le="300"}')).toBe(1);
      expect(grown('orders_wait_seconds_sum')).toBeGreaterThan(age);
      expect(grown('orders_wait_seconds_sum')).toBeLessThan(age + 30);
    });

    it('count the orders whose leases were lost, and no second wait', async () => {
      await user.placeOrder();
      await app.nest.get(OrderClaims).claim(10);
      const grown = await growth(async () => {
        await reclaimAll(app);
        await app.processor.runOnce();
      });
      expect(grown('orders_lease_losses_total')).toBe(1);
      expect(grown('orders_wait_seconds_count')).toBe(0);
    });

    it('show how many attempts are running, and when a run last looked for orders', async () => {
      expect([...(await samples()).keys()]).not.toContain('orders_last_run_timestamp_seconds');
      let finish = (): void => undefined;
      const finished = new Promise<void>((resolve) => (finish = resolve));
      app.fulfilment.script = () => finished;
      await user.placeOrders(2);
      const run = app.processor.runOnce();
      await waitUntil(() => app.fulfilment.started === 2);
      const during = await samples();
      finish();
      await run;
      const after = await samples();
      expect(during.get('orders_in_flight')).toBe(2);
      expect(after.get('orders_in_flight')).toBe(0);
      const age = Date.now() / 1_000 - after.get('orders_last_run_timestamp_seconds')!;
      expect(Math.abs(age)).toBeLessThan(10);
    });
  });

  it.each(['a statement', 'a transaction'] as const)(
    'measure waits for connections to the database: of %s',
    async (what) => {
      const { dataSource } = app;
      const grown = await growth(() =>
        what === 'a statement'
          ? dataSource.query('SELECT 1')
          : dataSource.transaction((manager) => manager.query('SELECT 1')),
      );
      expect(grown('database_wait_seconds_count')).toBe(1);
    },
  );

  it('describe the build and the event loop', async () => {
    const now = await samples();
    const info = [...now.keys()].find((name) => name.startsWith('app_info'));
    expect(info).toMatch(
      /version="\d+\.\d+\.\d+",node_version="v\d+\.\d+\.\d+",database="(sqlite|postgres)"/,
    );
    expect(now.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
    expect(now.get('process_resident_memory_bytes')).toBeGreaterThan(1e6);
  });

  it('show how long the event loop was active, as totals', async () => {
    const name = 'nodejs_eventloop_time_seconds_total{nodejs_eventloop_state="active"}';
    const first = (await samples()).get(name)!;
    const second = (await samples()).get(name)!;
    expect(first).toBeGreaterThan(0);
    expect(second).toBeGreaterThan(first);
    expect(second - first).toBeLessThan(5);
  });

  it('leave out a gauge that cannot be read', async () => {
    app.nest.get(Measurements).provide('redis_up', () => {
      throw new Error('unreadable');
    });
    const now = await samples();
    expect(now.has('redis_up')).toBe(false);
    expect(now.get('orders_in_flight')).toBe(0);
  });

  it('log the first of several scrapes that fail', async () => {
    const text = jest.spyOn(app.nest.get(PrometheusMetrics), 'text');
    const failures = () => app.logLines.filter(({ msg }) => msg === 'A scrape failed').length;
    text.mockRejectedValue(new Error('no text'));
    for (let n = 0; n < 3; n++) await expect(samples()).rejects.toThrow('socket hang up');
    expect(failures()).toBe(1);
    text.mockRestore();
    await samples();
  });

  it('show the time of the last backup once there is one', async () => {
    expect((await samples()).has('backup_last_success_timestamp_seconds')).toBe(false);
    app.nest.get(Measurements).newestBackupIs(new Date('2026-01-31T12:00:00.000Z'));
    expect((await samples()).get('backup_last_success_timestamp_seconds')).toBe(1769860800);
  });

  it('take a twentieth of the time at most, however often they are scraped', async () => {
    const metrics = app.nest.get(PrometheusMetrics);
    const text = metrics.text.bind(metrics);
    const times: { startedAt: number; endedAt: number }[] = [];
    jest.spyOn(metrics, 'text').mockImplementation(async () => {
      const startedAt = performance.now();
      while (performance.now() < startedAt + 10);
      const written = await text();
      times.push({ startedAt, endedAt: performance.now() });
      return written;
    });
    for (let n = 0; n < 3; n++) await samples();
    expect(times).toHaveLength(3);
    for (const [n, { startedAt }] of times.slice(1).entries()) {
      const last = times[n]!;
      const pauseMs = Math.min((last.endedAt - last.startedAt) * 20, 1_000);
      expect(startedAt - last.endedAt).toBeGreaterThan(pauseMs * 0.95);
    }
  });

  it('are valid exposition format, and complete for concurrent scrapes', async () => {
    const url = metricsUrlOf(app);
    const scrapes = await Promise.all(
      Array.from({ length: 20 }, () => request(url).get('/metrics').expect(200)),
    );
    for (const { text, headers } of scrapes) {
      expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect(text).toMatch(/^# HELP /);
      expect(text.endsWith('\n')).toBe(true);
    }
  });
});
