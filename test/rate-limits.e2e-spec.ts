import type { Response, Test } from 'supertest';
import { PasswordHasher } from '../src/auth/password-hasher';
import { ServiceUnavailableError } from '../src/errors/common.errors';
import { type ApiClient, PASSWORD, expectProblem } from './support/api-client';
import { RawConnection, parseResponses } from './support/raw-connection';
import { TcpProxy } from './support/tcp-proxy';
import { TestApp } from './support/test-app';
import { moveWallClock, resetWallClock } from './support/wall-clock';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

type Line = Record<string, unknown>;

const password = 'secure123';

describe('Rate limits', () => {
  afterEach(() => {
    resetWallClock();
    jest.restoreAllMocks();
  });

  const app = TestApp.forEachTest({ RATE_LIMIT_ENABLED: 'true' });
  let names = 0;

  beforeEach(() => {
    app.nest.set('trust proxy', 1);
    app.clock.freeze();
  });

  const from = (address: string, path: string, body: object, api: ApiClient = app.api) =>
    api.post(path, body).set('X-Forwarded-For', address);

  const register = async (address = '192.0.2.99') => {
    const email = `owner${++names}@example.com`;
    await from(address, '/auth/register', { name: 'Owner', email, password }).expect(201);
    return email;
  };

  const logIn = (email: string, address = '192.0.2.1', given = password) =>
    from(address, '/auth/login', { email, password: given });

  /** The statuses of guesses that are wrong, one after the other. */
  const guess = async (times: number, email: string, address?: string) => {
    const statuses: number[] = [];
    for (let time = 0; time < times; time++) {
      statuses.push((await logIn(email, address, 'wrong guess')).status);
    }
    return statuses;
  };

  const expectRefusal = (response: Response, retryAfter: number) => {
    expectProblem(response, 429, 'rate_limited');
    expect(response.headers['retry-after']).toBe(String(retryAfter));
    // The limit that refused is listed, whatever else is.
    const refused = new RegExp(`"([a-z-]+)";r=0;t=${retryAfter}(,|$)`).exec(
      String(response.headers['ratelimit']),
    );
    expect(response.headers['ratelimit-policy']).toContain(`"${refused?.[1]}";q=`);
    expect(Object.keys(response.headers as object).join()).not.toContain('x-ratelimit');
  };

  /** Lets passwords be checked only when so many requests wait for it. */
  const gatherAtHasher = (count: number) => {
    const hasher = app.nest.get(PasswordHasher);
    const matches = hasher.matches.bind(hasher);
    const waiting: (() => void)[] = [];
    return jest.spyOn(hasher, 'matches').mockImplementation(async (...given) => {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length >= count) for (const go of waiting.splice(0)) go();
      });
      return matches(...given);
    });
  };

  describe('on failed logins', () => {
    it('delay the e-mail after five, by 1 s, 2 s, 4 s and so on, without hashing', async () => {
      const email = await register();
      expect(await guess(5, email)).toEqual([401, 401, 401, 401, 401]);

      const matches = jest.spyOn(app.nest.get(PasswordHasher), 'matches');
      for (const delay of [1, 2, 4, 8]) {
        expectRefusal(await logIn(email), delay);
        expect(matches).not.toHaveBeenCalled();
        app.clock.advance(delay * SECOND);
        expect(await guess(1, email)).toEqual([401]);
        matches.mockClear();
      }
    });

    it('are reported as the limit that refused, the same whether the account exists', async () => {
      const email = await register();
      for (const [index, name] of [email, 'nobody@example.com'].entries()) {
        const address = `198.51.100.${index}`;
        await guess(6, name, address);
        app.clock.advance(1 * SECOND);
        await guess(1, name, address);
        const refused = await logIn(name, address);
        expectRefusal(refused, 2);
        expect(refused.body.detail).toBe('Too many failed logins. Try again in 2 seconds');
        expect(refused.headers).toMatchObject({
          'ratelimit-policy': '"guesses";q=5;w=900',
          ratelimit: '"guesses";r=0;t=2',
        });
      }
    });

    it('neither count nor prolong the delay while it lasts', async () => {
      const email = await register();
      await guess(5, email);
      expect(new Set(await guess(20, email))).toEqual(new Set([429]));
      app.clock.advance(1 * SECOND);
      await logIn(email).expect(200);
    });

    it('delay an e-mail no longer than a minute, from wherever the guesses come', async () => {
      const email = await register();
      for (let guesses = 0; guesses < 20; guesses++) {
        app.clock.advance(60 * SECOND);
        expect(await guess(1, email, `198.51.100.${guesses}`)).toEqual([401]);
      }
      expectRefusal(await logIn(email, '203.0.113.7'), 60);
      app.clock.advance(60 * SECOND);
      await logIn(email, '203.0.113.7').expect(200);
    });

    it('delay an address up to 15 minutes, whatever e-mails it tries', async () => {
      const email = await register();
      const delays: unknown[] = [];
      for (let guesses = 0; guesses < 15; guesses++) {
        expect(await guess(1, `somebody${guesses}@example.com`)).toEqual([401]);
        const refused = await logIn(email);
        const delay = Number(refused.headers['retry-after'] ?? 0);
        delays.push(delay);
        app.clock.advance(delay * SECOND);
      }
      expect(delays).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]);
    });

    it('are one address for a whole IPv6 network of 64 bits', async () => {
      for (let guesses = 0; guesses < 5; guesses++) {
        await guess(1, `somebody${guesses}@example.com`, `2001:db8:1:2::${guesses}`);
      }
      expectRefusal(await logIn('another@example.com', '2001:db8:1:2:ffff::1'), 1);
      await logIn('another@example.com', '2001:db8:1:3::1').expect(401);
    });

    it('are forgotten 15 minutes after the last one', async () => {
      const email = await register();
      await guess(4, email);
      app.clock.advance(15 * MINUTE - 5 * SECOND);
      await guess(1, email);
      expect(await guess(1, email)).toEqual([429]);
      app.clock.advance(15 * MINUTE);
      expect(await guess(5, email)).toEqual([401, 401, 401, 401, 401]);
      expect(await guess(1, email)).toEqual([429]);
    });

    it('fault 29: delay no longer and no shorter when the wall clock is set back', async () => {
      const email = await register();
      await guess(5, email);
      moveWallClock(-60 * MINUTE);
      expectRefusal(await logIn(email), 1);
      app.clock.advance(1 * SECOND);
      await logIn(email).expect(200);
    });

    it('count for one e-mail, however it is written', async () => {
      const email = await register();
      for (const spelling of [email, email.toUpperCase(), ` ${email} `, email, email]) {
        await guess(1, spelling);
      }
      expectRefusal(await logIn(email, '203.0.113.7'), 1);
    });

    it('are the same for e-mails that nobody has', async () => {
      const known = await register();
      const statuses = {
        known: await guess(7, known, '198.51.100.1'),
        unknown: await guess(7, 'nobody@example.com', '198.51.100.2'),
      };
      expect(statuses.unknown).toEqual(statuses.known);
    });

    it('of strangers are not forgotten when the owner logs in from a known address', async () => {
      const email = await register();
      await logIn(email, '192.0.2.1').expect(200);
      for (let stranger = 1; stranger <= 5; stranger++) {
        expect(await guess(1, email, `198.51.100.${stranger}`)).toEqual([401]);
        await logIn(email, '192.0.2.1').expect(200);
      }
      expectRefusal(await logIn(email, '198.51.100.6'), 1);
    });

    it('are forgotten of the e-mail when it logs in from a new address', async () => {
      const email = await register();
      for (const address of ['198.51.100.1', '198.51.100.2', '198.51.100.3']) {
        expect(await guess(4, email, address)).toEqual([401, 401, 401, 401]);
        await logIn(email, address).expect(200);
      }
    });

    it('are not forgotten of the address when an account of its own logs in', async () => {
      const [own, victim] = [await register(), await register()];
      expect(await guess(2, victim)).toEqual([401, 401]);
      await logIn(own).expect(200);
      expect(await guess(2, victim)).toEqual([401, 401]);
      await logIn(own).expect(200);
      expect(await guess(2, 'another@example.com')).toEqual([401, 429]);
    });

    it('of strangers do not delay who has logged in from the same address before', async () => {
      const email = await register();
      await logIn(email, '192.0.2.1').expect(200);
      for (let guesses = 0; guesses < 8; guesses++) {
        await guess(1, email, `198.51.100.${guesses}`);
      }
      expectRefusal(await logIn(email, '203.0.113.7'), 1);
      await logIn(email, '192.0.2.1').expect(200);

      app.clock.advance(29 * DAY);
      for (let guesses = 0; guesses < 6; guesses++) {
        await guess(1, email, `198.51.100.${guesses}`);
      }
      await logIn(email, '192.0.2.1').expect(200);
    });

    it('of strangers delay who has not been there for more than 30 days', async () => {
      const email = await register();
      await logIn(email, '192.0.2.1').expect(200);
      app.clock.advance(30 * DAY);
      for (let guesses = 0; guesses < 5; guesses++) {
        await guess(1, email, `198.51.100.${guesses}`);
      }
      expectRefusal(await logIn(email, '192.0.2.1'), 1);
    });

    it('delay guesses also where the e-mail is known', async () => {
      const email = await register();
      await logIn(email).expect(200);
      expect(await guess(6, email)).toEqual([401, 401, 401, 401, 401, 429]);
      await logIn(email, '203.0.113.7').expect(200);
    });

    it.each(['one address', 'many addresses'])(
      'disclose at most five outcomes of 100 simultaneous guesses from %s, right or wrong',
      async (addresses) => {
        const email = await register();
        gatherAtHasher(100);
        const responses = await Promise.all(
          Array.from({ length: 100 }, (_, index) =>
            logIn(
              email,
              addresses === 'one address' ? '192.0.2.1' : `192.0.2.${index}`,
              index < 99 ? `wrong guess ${index}` : password,
            ),
          ),
        );
        const refused = responses.filter(({ status }) => status === 429);
        expect(responses.filter(({ status }) => status === 401)).toHaveLength(5);
        expect(refused).toHaveLength(95);
        for (const response of refused) expectRefusal(response, 1);
      },
    );

    it('disclose no outcome of a guess that began before the delay, even after its end', async () => {
      const email = await register();
      const hasher = app.nest.get(PasswordHasher);
      let finish: ((isRight: boolean) => void) | undefined;
      const isWaiting = new Promise<void>((waiting) => {
        jest.spyOn(hasher, 'matches').mockImplementationOnce(() => {
          waiting();
          return new Promise((resolve) => (finish = resolve));
        });
      });
      const [late] = await Promise.all([
        logIn(email).then((response) => response),
        isWaiting.then(async () => {
          expect(await guess(5, email)).toEqual([401, 401, 401, 401, 401]);
          app.clock.advance(10 * SECOND);
          finish?.(true);
        }),
      ]);
      expectRefusal(late, 1);
      await logIn(email).expect(200);
    });

    it('do not concern many simultaneous logins that are right', async () => {
      const email = await register();
      gatherAtHasher(50);
      const responses = await Promise.all(Array.from({ length: 50 }, () => logIn(email)));
      expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    });

    it('do not count attempts whose password could not be checked', async () => {
      const email = await register();
      const matches = jest.spyOn(app.nest.get(PasswordHasher), 'matches');
      matches.mockRejectedValue(new ServiceUnavailableError());
      expect(new Set(await guess(10, email))).toEqual(new Set([503]));
      matches.mockRestore();
      await logIn(email).expect(200);
    });

    it('are not escaped by X-Forwarded-For when no proxy is trusted', async () => {
      app.nest.set('trust proxy', false);
      for (let guesses = 0; guesses < 5; guesses++) {
        await guess(1, `somebody${guesses}@example.com`, `198.51.100.${guesses}`);
      }
      expectRefusal(await logIn('another@example.com', '203.0.113.7'), 1);
    });
  });

  describe('on registrations', () => {
    it('let an address open 60 accounts in a minute, and tell how many are left', async () => {
      const account = { name: 'Jane', email: 'jane@example.com', password };
      const [first, second] = [
        await from('192.0.2.1', '/auth/register', account).expect(201),
        await from('192.0.2.1', '/auth/register', account).expect(409),
      ];
      expect(first.headers).toMatchObject({
        'ratelimit-policy': '"address";q=60;w=60',
        ratelimit: '"address";r=59;t=60',
      });
      expect(second.headers['ratelimit']).toBe('"address";r=58;t=60');
      for (let request = 2; request < 60; request++) {
        await from('192.0.2.1', '/auth/register', {}).expect(400);
      }

      const refused = await from('192.0.2.1', '/auth/register', account);
      expectRefusal(refused, 60);
      expect(refused.headers['ratelimit']).toBe('"address";r=0;t=60');
      await from('192.0.2.2', '/auth/register', account).expect(409);
      moveWallClock(-60 * MINUTE);
      app.clock.advance(MINUTE);
      await from('192.0.2.1', '/auth/register', account).expect(409);
    });
  });

  describe('on logins', () => {
    it('let an address do it 300 times in a minute, and tell how many are left', async () => {
      const email = await register();
      const first = await logIn(email);
      expect(first.headers).toMatchObject({
        'ratelimit-policy': '"address";q=300;w=60',
        ratelimit: '"address";r=299;t=60',
      });
      for (let request = 1; request < 300; request++) await logIn(email).expect(200);

      expectRefusal(await logIn(email), 60);
      await logIn(email, '192.0.2.2').expect(200);
      app.clock.advance(MINUTE);
      await logIn(email).expect(200);
    });
  });

  describe('on refreshing', () => {
    it('let an address do it 120 times in a minute', async () => {
      const { refreshToken } = await app.api.signUp();
      const refresh = (address: string) =>
        from(address, '/auth/refresh', { refresh_token: refreshToken });
      for (let request = 0; request < 120; request++) await refresh('192.0.2.1').expect(200);

      expectRefusal(await refresh('192.0.2.1'), 60);
      await refresh('192.0.2.2').expect(200);
      await from('192.0.2.1', '/auth/register', {}).expect(400);
      app.clock.advance(MINUTE);
      await refresh('192.0.2.1').expect(200);
    });
  });

  describe('on changing the password', () => {
    it('delay guesses at the current one by user, and log nobody else out', async () => {
      const [user, other] = [await app.api.signUp(), await app.api.signUp()];
      const change = (api: ApiClient, current: string, address: string) => {
        const passwords = { current_password: current, new_password: 'another secret' };
        return from(address, '/auth/password', passwords, api);
      };
      for (let guesses = 0; guesses < 5; guesses++) {
        await change(user, 'wrong guess', `198.51.100.${guesses}`).expect(401);
      }
      const refused = await change(user, PASSWORD, '203.0.113.7');
      expectRefusal(refused, 1);
      expect(refused.body.detail).toBe('Too many wrong passwords. Try again in 1 second');
      expect(refused.headers['ratelimit']).toBe('"guesses";r=0;t=1');
      await logIn(user.email, '203.0.113.7', PASSWORD).expect(200);
      await change(other, PASSWORD, '203.0.113.7').expect(200);
      app.clock.advance(1 * SECOND);
      await change(user, PASSWORD, '203.0.113.7').expect(200);
    });
  });

  describe('on changing the password, right or wrong,', () => {
    const change = (api: ApiClient, address: string, to = PASSWORD) =>
      from(address, '/auth/password', { current_password: PASSWORD, new_password: to }, api).then(
        (response) => response,
      );

    it('let a user do it ten times in 15 minutes, from wherever', async () => {
      const [user, other] = [await app.api.signUp(), await app.api.signUp()];
      let session: ApiClient = user;
      for (let request = 0; request < 10; request++) {
        const { status, headers, body } = await change(session, `192.0.2.${request}`);
        expect(status).toBe(200);
        expect(headers['ratelimit-policy']).toContain('"user-route";q=10;w=900');
        expect(headers['ratelimit']).toContain(`"user-route";r=${9 - request};t=900`);
        session = app.api.withToken(body.access_token);
      }

      expectRefusal(await change(session, '192.0.2.99'), 900);
      await session.get('/users/me').expect(200);
      expect((await change(other, '192.0.2.99')).status).toBe(200);
      app.clock.advance(15 * MINUTE);
      const { access_token } = await app.api.logIn(user.email);
      expect((await change(app.api.withToken(access_token), '192.0.2.99')).status).toBe(200);
    });

    it('let an address do it 60 times in a minute', async () => {
      for (let account = 0; account < 6; account++) {
        let session: ApiClient = await app.api.signUp();
        for (let request = 0; request < 10; request++) {
          const { status, body } = await change(session, '192.0.2.1');
          expect(status).toBe(200);
          session = app.api.withToken(body.access_token);
        }
      }
      const another = await app.api.signUp();
      expectRefusal(await change(another, '192.0.2.1'), 60);
      expect((await change(another, '192.0.2.2')).status).toBe(200);
    });

    it('let a user have one in flight, and others theirs', async () => {
      const [user, other] = [await app.api.signUp(), await app.api.signUp()];
      gatherAtHasher(2);
      const [first, second, ofOther] = await Promise.all([
        change(user, '192.0.2.1'),
        change(user, '192.0.2.2'),
        change(other, '192.0.2.1'),
      ]);
      const [done, refused] = first.status === 200 ? [first, second] : [second, first];
      expect([done.status, ofOther.status]).toEqual([200, 200]);
      expectRefusal(refused, 1);
      expect(refused.headers).toMatchObject({
        'ratelimit-policy': '"in-flight";q=1;qu="concurrent-requests"',
        ratelimit: '"in-flight";r=0;t=1',
      });
      jest.restoreAllMocks();
      const next = await change(app.api.withToken(done.body.access_token), '192.0.2.1');
      expect(next.status).toBe(200);
    });
  });

  describe('on protected routes', () => {
    it('let a user send 1000 requests in ten seconds, from wherever, to whatever route', async () => {
      const [user, other] = [await app.api.signUp(), await app.api.signUp()];
      const send = (path: string, address: string) =>
        user.get(path).set('X-Forwarded-For', address);
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

      const refused = await send('/users/me', '192.0.2.1');
      expectRefusal(refused, Number(refused.headers['retry-after']));
      expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(10);
      expect(refused.headers['ratelimit']).toMatch(/^"user";r=0;t=\d+$/);
      await other.get('/users/me').expect(200);
      app.clock.advance(10 * SECOND);
      await send('/users/me', '192.0.2.1').expect(200);
    });

    it('let an address ask 300 times in a minute for routes that do not exist', async () => {
      const ask = (address: string) =>
        app.api.get('/no-such-route').set('X-Forwarded-For', address);
      for (let request = 0; request < 300; request++) {
        expectProblem(await ask(`192.0.2.7:${1_000 + request}`), 404, 'not_found');
      }
      expectRefusal(await ask('192.0.2.7:9'), 60);
      expectProblem(await ask('192.0.2.8'), 404, 'not_found');
      await app.api.get('/').set('X-Forwarded-For', '192.0.2.7').expect(200);
      app.clock.advance(MINUTE);
      expectProblem(await ask('192.0.2.7'), 404, 'not_found');
    });

    it('let an address be refused 300 times in a minute, for whatever reasons', async () => {
      const refusals: [number, (api: ApiClient) => Test][] = [
        [404, (api) => api.get('/no-such-route')],
        [404, (api) => api.get('/docs/no-such-file')],
        [404, (api) => api.get('/problems/no_such_problem')],
        [405, (api) => api.raw('put', '/problems')],
        [400, (api) => api.get('/problems/%ff')],
        [400, (api) => api.get('/?page=1')],
        [400, (api) => api.raw('post', '/no', { type: 'application/json', text: '{' })],
        [415, (api) => api.raw('post', '/no', { type: 'text/plain', text: 'x' })],
        [401, (api) => api.get('/users/me')],
        [401, (api) => api.withToken('not a token').get('/orders')],
      ];
      const send = (index: number) => {
        const [status, ask] = refusals[index % refusals.length]!;
        return { status, response: ask(app.api).set('X-Forwarded-For', '192.0.2.7') };
      };
      for (let index = 0; index < 300; index++) {
        const { status, response } = send(index);
        expect((await response).status).toBe(status);
      }
      const linesBefore = app.logLines.length;
      for (let index = 0; index < 30; index++) expectRefusal(await send(index).response, 60);
      const user = await app.api.signUp();
      await user.get('/users/me').set('X-Forwarded-For', '192.0.2.7').expect(200);
      const path = '/problems/order_not_found';
      await app.api.get(path).set('X-Forwarded-For', '192.0.2.7').expect(200);

      const lines = app.logLines.slice(linesBefore);
      expect(lines.filter(({ res }) => (res as Line)?.['status'] === 429)).toHaveLength(1);
      app.clock.advance(MINUTE);
      expect((await send(0).response).status).toBe(404);
    });

    it('let an address send 300 malformed requests in a minute', async () => {
      const send = async (request: string) =>
        parseResponses(await RawConnection.exchange(app.api.url, request))[0]!;
      const malformed = [
        'no HTTP\r\n\r\n',
        'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
        'GET / HTTP/1.1\r\n\r\n',
        'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n',
      ];
      const sendAll = (times: number) =>
        Promise.all(
          malformed.flatMap((request) => Array.from({ length: times }, () => send(request))),
        );
      const statuses = (await sendAll(75)).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([400, 405]));
      const linesBefore = app.logLines.length;
      for (const { status, headers } of await sendAll(2)) {
        expect(status).toBe(429);
        expect(headers).toMatchObject({ 'retry-after': '60', connection: 'close' });
      }
      expect(app.logLines.length - linesBefore).toBeLessThanOrEqual(1);
    });

    it('let an address send 300 requests without a valid token in a minute', async () => {
      const user = await app.api.signUp();
      const send = (api: ApiClient) => api.get('/users/me').set('X-Forwarded-For', '192.0.2.1');
      const anybody = await Promise.all(
        Array.from({ length: 300 }, (_, index) =>
          send(index % 2 ? app.api : app.api.withToken('not a token')),
        ),
      );
      expect(new Set(anybody.map(({ status }) => status))).toEqual(new Set([401]));

      const refused = await send(app.api);
      expectRefusal(refused, Number(refused.headers['retry-after']));
      await send(user).expect(200);
      app.clock.advance(MINUTE);
      await send(app.api).expect(401);
    });
  });

  it.each(['/', '/health/live', '/health/ready', '/openapi.json'])(
    'do not exist on %s',
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
      const credentials = { email: 'nobody@example.com', password };
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

describe('Rate limits while Redis', () => {
  it.each(['refuses connections', 'does not answer'])(
    'fault 20: %s at the start are counted by the process, and the log says so once',
    async (fault) => {
      const proxy = await TcpProxy.start({ host: '127.0.0.1', port: 9 });
      if (fault === 'refuses connections') await proxy.refuse();
      else proxy.swallow();
      const app = await TestApp.start({
        RATE_LIMIT_ENABLED: 'true',
        REDIS_URL: `redis://:a-secret-password@127.0.0.1:${proxy.port}`,
      });
      try {
        const credentials = { email: 'nobody@example.com', password };
        for (let request = 0; request < 5; request++) {
          await app.api.post('/auth/login', credentials).expect(401);
        }
        const refused = await app.api.post('/auth/login', credentials);
        expectProblem(refused, 429, 'rate_limited');
        const warnings = app.logLines.filter(({ level }) => level !== 'info');
        expect(warnings).toEqual([
          expect.objectContaining({ level: 'warn', msg: expect.stringMatching(/^Redis is away/) }),
        ]);
        expect(JSON.stringify(app.logLines)).not.toContain('a-secret-password');
      } finally {
        await app.stop();
        await proxy.close();
      }
    },
  );
});
