import { readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { PasswordHasher } from '../src/auth/password-hasher';
import {
  RawConnection,
  expectFinalProblem,
  parseResponses,
  rawGet,
  rawPost,
} from './support/raw-connection';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

const TIMEOUTS = {
  headers: 500,
  request: 900,
  keepAlive: 400,
  inactivity: 4_000,
  checkInterval: 50,
};

const LARGE_FILE = rawGet('', '/docs/swagger-ui-bundle.js');
const TUNNEL = 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n';

const sendSlowly = (url: string) =>
  Array.from({ length: 300 }, (_, n) => {
    const connection = RawConnection.open(url);
    connection.send(n % 2 ? 'GET / HTTP/1.1\r\n' : rawPost('Content-Length: 9000'));
    connection.sendRepeatedly(n % 2 ? 'X: y\r\n' : ' ', 50);
    return connection;
  });

const IS_LINUX = process.platform === 'linux';

/** Always zero on other systems than Linux. */
const countOpenFiles = () => (IS_LINUX ? readdirSync('/proc/self/fd').length : 0);

describe('HTTP connections', () => {
  const app = TestApp.forSuite({}, undefined, TIMEOUTS);

  afterEach(async () => {
    jest.restoreAllMocks();
    await app.api.get('/').expect(200); // the server still runs
  });

  const open = () => RawConnection.open(app.api.url);

  const exchange = async (request: string) =>
    parseResponses(await RawConnection.exchange(app.api.url, request));

  const countConnections = () =>
    new Promise<number>((resolve, reject) => {
      app.nest
        .getHttpServer()
        .getConnections((error: Error | null, count: number) =>
          error ? reject(error) : resolve(count),
        );
    });

  /** Lets the next login wait until the test decides whether its password matches. */
  function holdNextLogin() {
    let decide = (_matches: boolean): void => undefined;
    const held = new Promise<boolean>((resolve) => (decide = resolve));
    const matches = jest.spyOn(app.nest.get(PasswordHasher), 'matches').mockReturnValueOnce(held);
    return { decide, hasBegun: () => matches.mock.calls.length > 0 };
  }

  describe('of slow clients', () => {
    it('fault 21: end with 408 when headers do not arrive in time', async () => {
      const connection = open();
      connection.send('GET / HTTP/1.1\r\nHost: localhost\r\n');
      connection.sendRepeatedly('X-Slow: 1\r\n', 40);
      await connection.closed();

      const [response, ...rest] = parseResponses(connection.received);
      expectFinalProblem(response, 408, 'request_timeout');
      expect(rest).toEqual([]);
    });

    it('fault 21: end with 408 when a body does not arrive in time', async () => {
      const connection = open();
      connection.send(rawPost('Content-Length: 10000\r\nX-Request-Id: trickle', '{"email":"'));
      connection.sendRepeatedly('x', 40);
      await connection.closed();

      const [response, ...rest] = parseResponses(connection.received);
      expectFinalProblem(response, 408, 'request_timeout');
      expect(rest).toEqual([]);
      expect(JSON.parse(response!.body)).toMatchObject({
        instance: '/auth/login',
        request_id: 'trickle',
      });
      await waitUntil(() => app.logLines.some(({ request_id }) => request_id === 'trickle'));
      expect(app.logLines.filter(({ request_id }) => request_id === 'trickle')).toEqual([
        expect.objectContaining({ level: 'info', res: { status: 408 } }),
      ]);
    });

    it('do not perform a request whose body is completed after the 408', async () => {
      const user = await app.api.signUp();
      const order = '{"product_name":"Laptop","amount":1}';
      const connection = open();
      connection.send(
        `POST /orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${user.token}\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${order.length}\r\n\r\n`,
      );
      connection.send(order.slice(0, -1));
      await waitUntil(() => connection.received.includes('request_timeout'));
      connection.send(order.slice(-1));
      await connection.closed();

      expect((await user.get('/orders').expect(200)).body).toMatchObject({ data: [] });
    });

    it('do not perform a request whose headers are completed after the 408', async () => {
      const user = await app.api.signUp();
      const { id } = await user.placeOrder();
      const connection = RawConnection.open(app.api.url, { allowHalfOpen: true });
      connection.send(
        `PATCH /orders/${id}/cancel HTTP/1.1\r\nHost: localhost\r\n` +
          `Authorization: Bearer ${user.token}\r\n`,
      );
      await waitUntil(() => connection.received.includes('request_timeout'));
      connection.send('\r\n');
      connection.socket.end();
      await connection.closed();
      expect((await user.order(id)).status).toBe('pending');
    });

    it('serve a slow request that arrives completely before the earlier response is sent', async () => {
      const { email } = await app.api.signUp();
      const login = JSON.stringify({ email, password: 'correct horse' });
      const { decide } = holdNextLogin();
      const connection = open();
      connection.send(rawPost(`Content-Length: ${login.length}`, login));
      connection.send('GET / HTTP/1.1\r\nHost: localhost\r\n');
      await delay(TIMEOUTS.headers + 300);
      connection.send('\r\n');
      await delay(50);
      decide(true);
      await waitUntil(() => connection.received.includes('healthy'));
      expect(parseResponses(connection.received).map(({ status }) => status)).toEqual([200, 200]);
      connection.socket.destroy();
    });

    it('fault 21: end with 408 also when there are 300 of them', async () => {
      const slow = sendSlowly(app.api.url);
      await Promise.all(slow.map((connection) => connection.closed(20_000)));
      for (const { received } of slow) {
        expectFinalProblem(parseResponses(received)[0], 408, 'request_timeout');
      }
    });

    it('are closed without a response when nothing was sent', async () => {
      expect(await RawConnection.exchange(app.api.url, '')).toBe('');
    });

    it('are closed when they are not used again', async () => {
      const connection = open();
      connection.send(rawGet());
      await waitUntil(() => connection.received.includes('healthy'));
      const [response] = parseResponses(connection.received);
      expect(response!.headers['connection']).toBe('keep-alive');
      await connection.closed();
    });

    it('are closed when the client does not read', async () => {
      const { socket } = open();
      socket.pause();
      socket.write(LARGE_FILE.repeat(20));
      await waitUntil(async () => (await countConnections()) === 1);
      await waitUntil(async () => (await countConnections()) === 0);
      socket.destroy();
    });
  });

  describe('with several requests', () => {
    it('perform a request after the earlier response was sent', async () => {
      const user = await app.api.signUp();
      const { id } = await user.placeOrder();
      const { decide, hasBegun } = holdNextLogin();
      const body = JSON.stringify({ email: user.email, password: 'wrong' });
      const responses = exchange(
        rawPost(`Content-Length: ${body.length}`, body) +
          `PATCH /orders/${id}/cancel HTTP/1.1\r\nHost: localhost\r\n` +
          `Authorization: Bearer ${user.token}\r\nConnection: close\r\n\r\n`,
      );
      await waitUntil(hasBegun, { description: 'the login to begin' });
      for (let n = 0; n < 5; n++) expect(await user.order(id)).toMatchObject({ status: 'pending' });

      decide(false);
      expect((await responses).map(({ status }) => status)).toEqual([401, 200]);
      expect(await user.order(id)).toMatchObject({ status: 'cancelled' });
    });

    it('respond to the requests before a malformed one first', async () => {
      const responses = await exchange(
        `${rawGet('X-Request-Id: first')}${rawGet('X-Request-Id: second')}NONSENSE\r\n\r\n`,
      );
      expect(responses.map(({ status, headers }) => [status, headers['x-request-id']])).toEqual([
        [200, 'first'],
        [200, 'second'],
        [400, expect.any(String)],
      ]);
    });

    it('respond to the requests before a CONNECT first', async () => {
      const responses = await exchange(rawGet() + TUNNEL);
      expect(responses.map(({ status }) => status)).toEqual([200, 405]);
    });

    it('include the request id, and log it, when the body of a waiting request is malformed', async () => {
      const malformed = rawPost('Transfer-Encoding: chunked\r\nX-Request-Id: waiting', 'z\r\n');
      const responses = await exchange(`${rawGet('X-Request-Id: earlier')}${malformed}`);
      expect(responses[0]).toMatchObject({ status: 200, headers: { 'x-request-id': 'earlier' } });
      expectFinalProblem(responses[1], 400, 'malformed_request');
      expect(responses[1]!.headers['x-request-id']).toBe('waiting');
      await waitUntil(() => app.logLines.some(({ request_id }) => request_id === 'waiting'));
    });

    (IS_LINUX ? it : it.skip)(
      'keep no file open when the client disconnects without reading',
      async () => {
        await waitUntil(async () => (await countConnections()) === 0);
        const before = countOpenFiles();
        const connection = open();
        connection.socket.pause();
        connection.send(LARGE_FILE.repeat(50));
        await waitUntil(() => countOpenFiles() > before + 1, {
          description: 'a file to be opened',
        });
        connection.socket.resetAndDestroy();
        await waitUntil(() => countOpenFiles() <= before, {
          description: 'all files to be closed',
        });
      },
    );

    it.each(['stays', 'leaves'])(
      'fault 41: release connections and files after a CONNECT behind unread responses: the client %s',
      async (client) => {
        await waitUntil(async () => (await countConnections()) === 0);
        const before = countOpenFiles();
        const connections = Array.from({ length: 10 }, () => {
          const connection = open();
          connection.socket.pause();
          connection.send(LARGE_FILE.repeat(20) + TUNNEL);
          return connection;
        });
        await waitUntil(() => !IS_LINUX || countOpenFiles() > before + 20, {
          description: 'files to be opened',
        });
        await waitUntil(async () => (await countConnections()) === 10);
        if (client === 'leaves') for (const { socket } of connections) socket.resetAndDestroy();
        await waitUntil(async () => (await countConnections()) === 0);
        for (const { socket } of connections) socket.destroy();
        await waitUntil(() => countOpenFiles() <= before, {
          description: 'all files to be closed',
        });
      },
    );

    it('are closed when more than 100 requests wait', async () => {
      const connection = open();
      connection.socket.pause();
      connection.send(LARGE_FILE.repeat(500));
      connection.socket.resume();
      await connection.closed();
    });
  });
});

describe('HTTP connections with the timeouts of production', () => {
  const app = TestApp.forSuite();

  it('fault 21: serve others while 300 send slowly', async () => {
    const slow = sendSlowly(app.api.url);
    for (let n = 0; n < 20; n++) await app.api.get('/health/live').expect(200);
    expect(slow.filter(({ received }) => received !== '')).toEqual([]);
    for (const { socket } of slow) {
      expect(socket.readyState).toBe('open');
      socket.destroy();
    }
  });
});
