import type { Test } from 'supertest';
import { type ApiClient, expectProblem } from './support/api-client';
import { MINUTE, RateLimitedApp, expectRateLimited } from './support/rate-limited-app';
import { RawConnection, parseResponses } from './support/raw-connection';

type Line = Record<string, unknown>;

describe('The quota of requests that fail before their user is known', () => {
  const { app } = RateLimitedApp.forEachTest();

  it('allows an address 300 requests to unknown routes in a minute', async () => {
    const send = (address: string) => app.api.get('/no-such-route').set('X-Forwarded-For', address);
    for (let request = 0; request < 300; request++) {
      expectProblem(await send(`192.0.2.7:${1_000 + request}`), 404, 'not_found');
    }
    expectRateLimited(await send('192.0.2.7:9'), 60);
    expectProblem(await send('192.0.2.8'), 404, 'not_found');
    await app.api.get('/').set('X-Forwarded-For', '192.0.2.7').expect(200);
    app.clock.advance(MINUTE);
    expectProblem(await send('192.0.2.7'), 404, 'not_found');
  });

  it('counts all reasons together, and logs one request over the quota', async () => {
    const rejections: [number, (api: ApiClient) => Test][] = [
      [404, (api) => api.get('/no-such-route')],
      [404, (api) => api.get('/docs/no-such-file')],
      [404, (api) => api.get('/problems/no_such_problem')],
      [405, (api) => api.raw('put', '/problems')],
      [400, (api) => api.get('/problems/%ff')],
      [400, (api) => api.get('/?page=1')],
      [400, (api) => api.raw('post', '/no', { type: 'application/json', content: '{' })],
      [415, (api) => api.raw('post', '/no', { type: 'text/plain', content: 'x' })],
      [401, (api) => api.get('/users/me')],
      [401, (api) => api.withToken('not a token').get('/orders')],
    ];
    const send = (index: number) => {
      const [status, request] = rejections[index % rejections.length]!;
      return { status, response: request(app.api).set('X-Forwarded-For', '192.0.2.7') };
    };
    for (let index = 0; index < 300; index++) {
      const { status, response } = send(index);
      expect((await response).status).toBe(status);
    }
    const linesBefore = app.logLines.length;
    for (let index = 0; index < 30; index++) expectRateLimited(await send(index).response, 60);
    const user = await app.api.signUp();
    await user.get('/users/me').set('X-Forwarded-For', '192.0.2.7').expect(200);
    const path = '/problems/order_not_found';
    await app.api.get(path).set('X-Forwarded-For', '192.0.2.7').expect(200);

    const lines = app.logLines.slice(linesBefore);
    expect(lines.filter(({ res }) => (res as Line)?.['status'] === 429)).toHaveLength(1);
    app.clock.advance(MINUTE);
    expect((await send(0).response).status).toBe(404);
  });

  it('allows an address 300 malformed requests in a minute', async () => {
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
  }, 60_000);

  it('allows an address 300 requests without a valid token in a minute', async () => {
    const user = await app.api.signUp();
    const send = (api: ApiClient) => api.get('/users/me').set('X-Forwarded-For', '192.0.2.1');
    const anybody = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        send(index % 2 ? app.api : app.api.withToken('not a token')),
      ),
    );
    expect(new Set(anybody.map(({ status }) => status))).toEqual(new Set([401]));

    const rejected = await send(app.api);
    expectRateLimited(rejected, Number(rejected.headers['retry-after']));
    await send(user).expect(200);
    app.clock.advance(MINUTE);
    await send(app.api).expect(401);
  });
});
