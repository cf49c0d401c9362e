import { type ApiClient, PASSWORD } from './support/api-client';
import { MINUTE, RateLimitedApp, SECOND, expectRateLimited } from './support/rate-limited-app';
import { TestApp } from './support/test-app';
import { moveWallClock } from './support/wall-clock';

describe('Request quotas', () => {
  const limited = RateLimitedApp.forEachTest();
  const { app } = limited;

  it('limit registrations to 60 per address and minute, and return how many are left', async () => {
    const account = { name: 'Jane', email: 'jane@example.com', password: PASSWORD };
    const [first, second] = [
      await limited.post('192.0.2.1', '/auth/register', account).expect(201),
      await limited.post('192.0.2.1', '/auth/register', account).expect(409),
    ];
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"address";q=60;w=60',
      ratelimit: '"address";r=59;t=60',
    });
    expect(second.headers['ratelimit']).toBe('"address";r=58;t=60');
    for (let request = 2; request < 60; request++) {
      await limited.post('192.0.2.1', '/auth/register', {}).expect(400);
    }

    const rejected = await limited.post('192.0.2.1', '/auth/register', account);
    expectRateLimited(rejected, 60);
    expect(rejected.headers['ratelimit']).toBe('"address";r=0;t=60');
    await limited.post('192.0.2.2', '/auth/register', account).expect(409);
    moveWallClock(-60 * MINUTE);
    app.clock.advance(MINUTE);
    await limited.post('192.0.2.1', '/auth/register', account).expect(409);
  });

  it('limit logins to 300 per address and minute, and return how many are left', async () => {
    const email = await limited.register();
    const first = await limited.logIn(email);
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"address";q=300;w=60',
      ratelimit: '"address";r=299;t=60',
    });
    for (let request = 1; request < 300; request++) await limited.logIn(email).expect(200);

    expectRateLimited(await limited.logIn(email), 60);
    await limited.logIn(email, '192.0.2.2').expect(200);
    app.clock.advance(MINUTE);
    await limited.logIn(email).expect(200);
  });

  it('limit refreshes to 120 per address and minute', async () => {
    const { refreshToken } = await app.api.signUp();
    const refresh = (address: string) =>
      limited.post(address, '/auth/refresh', { refresh_token: refreshToken });
    for (let request = 0; request < 120; request++) await refresh('192.0.2.1').expect(200);

    expectRateLimited(await refresh('192.0.2.1'), 60);
    await refresh('192.0.2.2').expect(200);
    await limited.post('192.0.2.1', '/auth/register', {}).expect(400);
    app.clock.advance(MINUTE);
    await refresh('192.0.2.1').expect(200);
  });

  describe('of password changes', () => {
    const change = (api: ApiClient, address: string, to = PASSWORD) =>
      limited
        .post(address, '/auth/password', { current_password: PASSWORD, new_password: to }, api)
        .then((response) => response);

    it('are ten per user in 15 minutes, from all addresses', async () => {
      const [user, other] = [await app.api.signUp(), await app.api.signUp()];
      let session: ApiClient = user;
      for (let request = 0; request < 10; request++) {
        const { status, headers, body } = await change(session, `192.0.2.${request}`);
        expect(status).toBe(200);
        expect(headers['ratelimit-policy']).toContain('"user-route";q=10;w=900');
        expect(headers['ratelimit']).toContain(`"user-route";r=${9 - request};t=900`);
        session = app.api.withToken(body.access_token);
      }

      expectRateLimited(await change(session, '192.0.2.99'), 900);
      await session.get('/users/me').expect(200);
      expect((await change(other, '192.0.2.99')).status).toBe(200);
      app.clock.advance(15 * MINUTE);
      const { access_token } = await app.api.logIn(user.email);
      expect((await change(app.api.withToken(access_token), '192.0.2.99')).status).toBe(200);
    });

    it('are 60 per address and minute', async () => {
      for (let account = 0; account < 6; account++) {
        let session: ApiClient = await app.api.signUp();
        for (let request = 0; request < 10; request++) {
          const { status, body } = await change(session, '192.0.2.1');
          expect(status).toBe(200);
          session = app.api.withToken(body.access_token);
        }
      }
      const another = await app.api.signUp();
      expectRateLimited(await change(another, '192.0.2.1'), 60);
      expect((await change(another, '192.0.2.2')).status).toBe(200);
    });

    it('are one per user at a time', async () => {
      const [user, other] = [await app.api.signUp(), await app.api.signUp()];
      limited.holdPasswordChecks(2);
      const [first, second, ofOther] = await Promise.all([
        change(user, '192.0.2.1'),
        change(user, '192.0.2.2'),
        change(other, '192.0.2.1'),
      ]);
      const [done, rejected] = first.status === 200 ? [first, second] : [second, first];
      expect([done.status, ofOther.status]).toEqual([200, 200]);
      expectRateLimited(rejected, 1);
      expect(rejected.headers).toMatchObject({
        'ratelimit-policy': '"in-flight";q=1;qu="concurrent-requests"',
        ratelimit: '"in-flight";r=0;t=1',
      });
      jest.restoreAllMocks();
      const next = await change(app.api.withToken(done.body.access_token), '192.0.2.1');
      expect(next.status).toBe(200);
    });
  });

  it.each(['/admin/orders/retries', '/admin/orders/cancellations'])(
    'limit POST %s to 30 per admin and minute',
    async (path) => {
      const [admin, other] = [await app.signUpAdmin(), await app.signUpAdmin()];
      const send = (client: ApiClient) => client.post(path, { filter: { status: 'failed' } });
      const first = await send(admin).expect(200);
      expect(first.headers['ratelimit-policy']).toContain('"user-route";q=30;w=60');
      for (let request = 1; request < 30; request++) await send(admin).expect(200);

      expectRateLimited(await send(admin), 60);
      await admin.get('/users/me').expect(200);
      await send(other).expect(200);
      app.clock.advance(MINUTE);
      await send(admin).expect(200);
    },
  );

  it.each([
    ['post', '/webhooks', 60],
    ['patch', '/webhooks/1', 60],
    ['post', '/webhooks/1/secret', 60],
    ['post', '/webhooks/1/replay', 60],
    ['post', '/webhooks/1/deliveries/evt_1_1/redeliver', 60],
    ['post', '/webhooks/1/test', 10],
  ] as const)(
    'limit %s %s to %i per user and minute, apart from /admin',
    async (method, path, count) => {
      const [admin, other] = [await app.signUpAdmin(), await app.api.signUp()];
      const send = (client: ApiClient, to = path as string) => client[method](to, {});
      const first = await send(admin);
      expect(first.headers['ratelimit-policy']).toContain(`"user-route";q=${count};w=60`);
      for (let request = 1; request < count; request++) {
        expect((await send(admin)).status).not.toBe(429);
      }

      expectRateLimited(await send(admin), 60);
      await admin.get('/webhooks').expect(200);
      expect((await send(admin, `/admin${path}`)).status).not.toBe(429);
      expect((await send(other)).status).not.toBe(429);
      app.clock.advance(MINUTE);
      expect((await send(admin)).status).not.toBe(429);
    },
  );

  it('limit requests of a user to 1000 in ten seconds, over all routes and addresses', async () => {
    const [user, other] = [await app.api.signUp(), await app.api.signUp()];
    const send = (path: string, address: string) => user.get(path).set('X-Forwarded-For', address);
    const first = await send('/users/me', '192.0.2.1').expect(200);
    expect(first.headers).toMatchObject({
      'ratelimit-policy': '"user";q=1000;w=10',
      ratelimit: '"user";r=999;t=10',
    });
    for (let batch = 0; batch < 10; batch++) {
      const size = batch < 9 ? 100 : 99;
      const paths = Array.from({ length: size }, (_, i) => (i % 2 ? '/orders/1' : '/users/me'));
      await Promise.all(paths.map((path, i) => send(path, `192.0.2.${i}`)));
    }

    const rejected = await send('/users/me', '192.0.2.1');
    expectRateLimited(rejected, Number(rejected.headers['retry-after']));
    expect(Number(rejected.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect(Number(rejected.headers['retry-after'])).toBeLessThanOrEqual(10);
    expect(rejected.headers['ratelimit']).toMatch(/^"user";r=0;t=\d+$/);
    await other.get('/users/me').expect(200);
    app.clock.advance(10 * SECOND);
    await send('/users/me', '192.0.2.1').expect(200);
  });

  it.each(['/', '/health/live', '/health/ready', '/openapi.json'])(
    'do not apply to GET %s',
    async (path) => {
      for (let request = 0; request < 5; request++) {
        const { headers } = await app.api.get(path).expect(200);
        expect(Object.keys(headers as object).join()).not.toContain('ratelimit');
      }
    },
  );
});

describe('RATE_LIMIT_ENABLED=false', () => {
  it('limits nothing', async () => {
    const app = await TestApp.start({ RATE_LIMIT_ENABLED: 'false' });
    try {
      const credentials = { email: 'nobody@example.com', password: PASSWORD };
      for (let request = 0; request < 10; request++) {
        const { headers } = await app.api.post('/auth/login', credentials).expect(401);
        expect(headers).not.toHaveProperty('ratelimit');
      }
      const user = await app.api.signUp();
      expect((await user.get('/users/me').expect(200)).headers).not.toHaveProperty('ratelimit');
    } finally {
      await app.stop();
    }
  });
});
