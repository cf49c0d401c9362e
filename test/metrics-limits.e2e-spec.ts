import { OneInFlight } from '../src/rate-limits/one-in-flight';
import { PASSWORD } from './support/api-client';
import { metricsUrlOf, scrape } from './support/scrape';
import { TestApp } from './support/test-app';
import { TestRedis } from './support/test-redis';
import { waitUntil } from './support/wait-until';

describe('Metrics of rate limits', () => {
  let app: TestApp;
  let redis: TestRedis;

  beforeEach(async () => {
    redis = await TestRedis.start();
    const settings = { METRICS_PORT: '0', RATE_LIMIT_ENABLED: 'true', REDIS_URL: redis.url };
    app = await TestApp.start(settings);
  });

  afterEach(async () => {
    await app.stop();
    await redis.stop();
  });

  const sample = async (name: string) => (await scrape(metricsUrlOf(app))).get(name);
  const rejections = (limit: string) => sample(`rate_limit_rejections_total{limit="${limit}"}`);

  it('count rejected requests by limit', async () => {
    const user = await app.api.signUp();
    const wrong = { email: user.email, password: 'wrong guess' };
    await waitUntil(async () => (await app.api.post('/auth/login', wrong)).status === 429);
    expect(await rejections('guesses')).toBe(1);

    const password = { current_password: PASSWORD, new_password: `${PASSWORD} 2` };
    const change = async () => user.post('/auth/password', password).expect(429);
    await app.nest.get(OneInFlight).run(`password:${user.userId}`, change);
    expect(await rejections('in-flight')).toBe(1);

    await waitUntil(async () => (await app.api.get('/nope')).status === 429, {
      deadlineMs: 100_000,
    });
    expect(await rejections('address')).toBe(1);
  }, 120_000);

  it('show whether Redis counts', async () => {
    expect(await sample('redis_up')).toBe(1);
    await redis.proxy.refuse();
    await waitUntil(async () => (await sample('redis_up')) === 0);
    await redis.proxy.forward();
    await waitUntil(async () => (await sample('redis_up')) === 1);
  });

  it('have no state of Redis without it', async () => {
    const other = await TestApp.start({ METRICS_PORT: '0' });
    const samples = await scrape(metricsUrlOf(other));
    await other.stop();
    expect(samples.has('redis_up')).toBe(false);
  });
});
