import { expectProblem } from '../../support/api-client';
import { repeatIfStalled } from '../../support/repeat-if-stalled';
import { TestApp } from '../../support/test-app';
import { TestRedis } from '../../support/test-redis';
import { waitUntil } from '../../support/wait-until';

const SECRET = { JWT_SECRET: 'the same for all instances' };
const password = 'secure123';

describe('Rate limits that instances share through Redis', () => {
  let redis: TestRedis;
  const apps: TestApp[] = [];

  /** When this process stands still for half a second, a command to Redis times out. */
  const withRedis = (scenario: () => Promise<void>) => () =>
    repeatIfStalled(async () => {
      redis = await TestRedis.start();
      try {
        await scenario();
      } finally {
        await Promise.all(apps.splice(0).map((app) => app.stop()));
        await redis.stop();
      }
    });

  const start = async (url = redis.url) => {
    const app = await TestApp.start({ ...SECRET, RATE_LIMIT_ENABLED: 'true', REDIS_URL: url });
    app.nest.set('trust proxy', 1);
    apps.push(app);
    return app;
  };

  const logIn = (app: TestApp, email: string, given: string, address = '192.0.2.1') =>
    app.api.post('/auth/login', { email, password: given }).set('X-Forwarded-For', address);

  const guess = async (app: TestApp, times: number, email: string, address?: string) => {
    const statuses: number[] = [];
    for (let time = 0; time < times; time++) {
      statuses.push((await logIn(app, email, 'wrong guess', address)).status);
    }
    return statuses;
  };

  const register = (app: TestApp, email: string) =>
    app.api.post('/auth/register', { name: 'John', email, password });

  /** Sends a registration, and returns how many the response says are left. */
  const registrationsLeft = async (app: TestApp) => {
    const { headers } = await app.api.post('/auth/register', {}).expect(400);
    return Number(/r=(\d+)/.exec(headers['ratelimit'] as string)?.[1]);
  };

  const linesAboutRedis = (app: TestApp) =>
    app.logLines
      .filter(({ msg }) => String(msg).includes('Redis'))
      .map(({ level, msg }) => `${String(level)}: ${String(msg)}`);

  it(
    'count the requests and guesses at all instances together',
    withRedis(async () => {
      const [one, other] = [await start(), await start()];
      expect(await registrationsLeft(one)).toBe(59);
      expect(await registrationsLeft(other)).toBe(58);

      expect(await guess(one, 3, 'john@example.com')).toEqual([401, 401, 401]);
      expect(await guess(other, 3, 'john@example.com')).toEqual([401, 401, 429]);
      expectProblem(await logIn(one, 'john@example.com', password), 429, 'rate_limited');
    }),
  );

  it(
    'delay guesses like the limits of one process',
    withRedis(async () => {
      const app = await start();
      await register(app, 'john@example.com').expect(201);
      await logIn(app, 'john@example.com', password, '192.0.2.1').expect(200);
      for (let guesses = 0; guesses < 5; guesses++) {
        expect(await guess(app, 1, 'john@example.com', `198.51.100.${guesses}`)).toEqual([401]);
      }
      const rejected = await logIn(app, 'john@example.com', password, '203.0.113.7');
      expectProblem(rejected, 429, 'rate_limited');
      expect(rejected.headers['retry-after']).toBe('1');
      await logIn(app, 'john@example.com', password, '192.0.2.1').expect(200);
      expect(await guess(app, 6, 'john@example.com', '192.0.2.1')).toEqual([
        401, 401, 401, 401, 401, 429,
      ]);

      // The address keeps its failures: the next one doubles the delay.
      await waitUntil(
        async () => (await logIn(app, 'jane@example.com', 'wrong guess')).status === 401,
      );
      expect((await logIn(app, 'jane@example.com', 'wrong guess')).headers['retry-after']).toBe(
        '2',
      );
    }),
  );

  it(
    'disclose at most five outcomes of 100 simultaneous guesses at two instances',
    withRedis(async () => {
      const both = [await start(), await start()];
      const statuses = await Promise.all(
        Array.from(
          { length: 100 },
          async (_, index) =>
            (await logIn(both[index % 2]!, 'john@example.com', `wrong guess ${index}`)).status,
        ),
      );
      expect(statuses.filter((status) => status === 401)).toHaveLength(5);
      expect(statuses.filter((status) => status === 429)).toHaveLength(95);
    }),
  );

  it(
    'store no e-mails or addresses in Redis, and let each key expire',
    withRedis(async () => {
      const app = await start();
      await register(app, 'john@example.com').expect(201);
      await guess(app, 2, 'john@example.com');
      await logIn(app, 'john@example.com', password).expect(200);
      await guess(app, 1, 'jane@example.com');
      await app.api.get('/users/me').expect(401);

      const entries = await redis.entries();
      expect(entries.length).toBeGreaterThanOrEqual(5);
      for (const { key, ttlMs } of entries) {
        expect(key).not.toMatch(/john|jane|example|192\.0\.2|127\.0\.0\.1/);
        expect(ttlMs).toBeGreaterThan(0);
        expect(ttlMs).toBeLessThanOrEqual(30 * 24 * 3_600_000);
      }
    }),
  );

  it(
    'fault 20: fall back to each process while Redis is down, and are shared again afterwards',
    withRedis(async () => {
      const app = await start();
      expect(await registrationsLeft(app)).toBe(59);
      expect(await registrationsLeft(app)).toBe(58);

      await redis.proxy.refuse();
      expect(await registrationsLeft(app)).toBe(59);
      expect(await guess(app, 6, 'john@example.com')).toEqual([401, 401, 401, 401, 401, 429]);
      expect(linesAboutRedis(app)).toEqual([expect.stringMatching(/^warn: Redis is away/)]);

      await redis.proxy.forward();
      await waitUntil(() => linesAboutRedis(app).length > 1);
      expect(await registrationsLeft(app)).toBe(57);
      expect(linesAboutRedis(app).slice(1)).toEqual([
        'info: Redis is back, instances count together',
      ]);
    }),
  );

  it(
    'fault 20: fall back within half a second when Redis stops responding',
    withRedis(async () => {
      const app = await start();
      expect(await registrationsLeft(app)).toBe(59);

      redis.proxy.swallow();
      const before = performance.now();
      const responses = await Promise.all(
        Array.from({ length: 50 }, () => app.api.get('/users/me')),
      );
      const waited = performance.now() - before;
      expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([401]));
      expect(waited).toBeLessThan(2_000);

      const afterwards = performance.now();
      for (let request = 0; request < 20; request++) await app.api.get('/users/me').expect(401);
      expect(performance.now() - afterwards).toBeLessThan(2_000);
      expect(await guess(app, 6, 'john@example.com')).toEqual([401, 401, 401, 401, 401, 429]);
      expect(linesAboutRedis(app)).toEqual([expect.stringMatching(/^warn: Redis is away/)]);

      await redis.proxy.forward();
      await waitUntil(() => linesAboutRedis(app).length > 1);
      expect(await registrationsLeft(app)).toBe(58);
    }),
  );

  it(
    'fault 20: fall back when Redis rejects the password, and keep the password out of the log',
    withRedis(async () => {
      const app = await start(redis.urlWithPassword('a-secret-password'));
      expect(await guess(app, 6, 'john@example.com')).toEqual([401, 401, 401, 401, 401, 429]);
      await waitUntil(() => redis.proxy.connections >= 5);
      expect(linesAboutRedis(app)).toEqual([expect.stringMatching(/^warn: .*WRONGPASS/)]);
      expect(JSON.stringify(app.logLines)).not.toContain('a-secret-password');
    }),
  );
});
