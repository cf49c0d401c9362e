import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { PasswordHasher } from '../src/auth/password-hasher';
import { parseAnswers, type RawAnswer, RawConnection } from './support/raw-connection';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

const TIMEOUTS = { headers: 500, request: 900, keepAlive: 400, inactivity: 1_500, checkInterval: 50 };

const GIGABYTE = 1024 ** 3;

const post = (headers: string, body = '') =>
  `POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;

const serveOthers = async ({ api }: TestApp, whileServing: () => void = () => {}) => {
  for (let n = 0; n < 20; n++) {
    await api.get('/health/live').expect(200);
    whileServing();
  }
};

const sendSlowly = (url: string) =>
  Array.from({ length: 300 }, (_, n) => {
    const connection = RawConnection.open(url);
    connection.send(n % 2 ? 'GET / HTTP/1.1\r\n' : post('Content-Length: 9000'));
    connection.sendForEver(n % 2 ? 'X: y\r\n' : ' ', 50);
    return connection;
  });

describe('The HTTP server', () => {
  const app = TestApp.forSuite({}, undefined, TIMEOUTS);

  afterEach(async () => {
    jest.restoreAllMocks();
    await app.api.get('/').expect(200); // whatever was sent, the server lives
  });

  const open = () => RawConnection.open(app.api.url);
  const exchange = async (request: string) =>
    parseAnswers(await RawConnection.exchange(app.api.url, request));

  /** Checks a whole answer that ends its connection. */
  function expectFinalProblem(answer: RawAnswer | undefined, status: number, code: string): void {
    expect(answer).toMatchObject({
      status,
      headers: {
        connection: 'close',
        'content-type': 'application/problem+json; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-request-id': expect.stringMatching(/^[\w-]+$/),
      },
    });
    expect(JSON.parse(answer!.body)).toEqual(
      expect.objectContaining({
        type: `/problems/${code}`,
        title: expect.any(String),
        status,
        code,
        detail: expect.any(String),
        instance: expect.stringMatching(/^\//),
        request_id: answer!.headers['x-request-id'],
      }),
    );
  }

  /** How many connections the server has. */
  const connections = () =>
    new Promise<number>((resolve, reject) => {
      app.nest
        .getHttpServer()
        .getConnections((error: Error | null, count: number) =>
          error ? reject(error) : resolve(count),
        );
    });

  /**
   * How much work of this process, which is the server too, some requests of others waited for at
   * most, in milliseconds. CPU time, because the time on the clock is that of other processes as well.
   */
  async function longestWaitOfOthers(): Promise<number> {
    const waits: number[] = [];
    let before = process.cpuUsage();
    await serveOthers(app, () => {
      const { user, system } = process.cpuUsage(before);
      waits.push((user + system) / 1_000);
      before = process.cpuUsage();
    });
    return Math.max(...waits);
  }

  describe('with slow senders', () => {
    it('fault 21: gives up on headers that trickle', async () => {
      const connection = open();
      connection.send('GET / HTTP/1.1\r\nHost: localhost\r\n');
      connection.sendForEver('X-Slow: 1\r\n', 40);
      await connection.closed();

      const [answer, ...rest] = parseAnswers(connection.received);
      expectFinalProblem(answer, 408, 'request_timeout');
      expect(rest).toEqual([]);
    });

    it('fault 21: gives up on a body that trickles', async () => {
      const connection = open();
      connection.send(post('Content-Length: 10000\r\nX-Request-Id: trickle', '{"email":"'));
      connection.sendForEver('x', 40);
      await connection.closed();

      const [answer, ...rest] = parseAnswers(connection.received);
      expectFinalProblem(answer, 408, 'request_timeout');
      expect(rest).toEqual([]);
      expect(JSON.parse(answer!.body)).toMatchObject({
        instance: '/auth/login',
        request_id: 'trickle',
      });
      await waitUntil(() => app.logLines.some(({ request_id }) => request_id === 'trickle'));
      expect(app.logLines.filter(({ request_id }) => request_id === 'trickle')).toEqual([
        expect.objectContaining({ level: 'info', res: { status: 408 } }),
      ]);
    });

    it('does not carry out a request that was given up, when its rest arrives', async () => {
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

    it('does not carry out a request whose headers were given up', async () => {
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

    it('serves a slow request that arrives while the one before it is still answered', async () => {
      const { email } = await app.api.signUp();
      const login = JSON.stringify({ email, password: 'correct horse' });
      let finish = () => {};
      const held = new Promise<boolean>((resolve) => (finish = () => resolve(true)));
      jest.spyOn(app.nest.get(PasswordHasher), 'matches').mockReturnValueOnce(held);
      const connection = open();
      connection.send(post(`Content-Length: ${login.length}`, login));
      connection.send('GET / HTTP/1.1\r\nHost: localhost\r\n');
      await delay(TIMEOUTS.headers + 300); // longer than it may take
      connection.send('\r\n');
      await delay(50);
      finish();
      await waitUntil(() => connection.received.includes('healthy'));
      expect(parseAnswers(connection.received).map(({ status }) => status)).toEqual([200, 200]);
      await connection.closed();
    });

    it('fault 21: gives up on 300 that send slowly', async () => {
      const slow = sendSlowly(app.api.url);
      await Promise.all(slow.map((connection) => connection.closed(20_000)));
      for (const { received } of slow) {
        expectFinalProblem(parseAnswers(received)[0], 408, 'request_timeout');
      }
    });

    it('hangs up without a word on a connection that sent nothing', async () => {
      expect(await RawConnection.exchange(app.api.url, '')).toBe('');
    });

    it('closes a connection that is not used again', async () => {
      const connection = open();
      connection.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await waitUntil(() => connection.received.includes('healthy'));
      expect(parseAnswers(connection.received)[0]!.headers['connection']).toBe('keep-alive');
      await connection.closed();
    });

    it('hangs up on a client that never reads', async () => {
      const socket = connect(Number(new URL(app.api.url).port), '127.0.0.1');
      socket.pause();
      const request = 'GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n';
      socket.on('error', () => {});
      socket.write(request.repeat(20));
      await waitUntil(async () => (await connections()) === 1);
      await waitUntil(async () => (await connections()) === 0);
      socket.destroy();
    });
  });

  describe('with large bodies', () => {
    const memory = () => {
      const { rss } = process.memoryUsage();
      return rss / 1024 ** 2;
    };

    it.each([
      ['that says so', `Content-Length: ${GIGABYTE}`, ' '.repeat(64 * 1024)],
      ['in chunks', 'Transfer-Encoding: chunked', `10000\r\n${' '.repeat(0x1_00_00)}\r\n`],
      [
        'of another type in chunks',
        'Transfer-Encoding: chunked\r\nContent-Encoding: x',
        `10000\r\n${' '.repeat(0x1_00_00)}\r\n`,
      ],
    ])('fault 21: reads no body of 1 GB %s', async (_, headers, piece) => {
      const before = memory();
      const connection = open();
      let sent = 0;
      const pump = () => {
        while (connection.socket.writable && sent < GIGABYTE) {
          sent += piece.length;
          if (!connection.socket.write(piece)) break;
        }
      };
      connection.socket.on('drain', pump);
      connection.send(post(headers));
      pump();
      expect(await longestWaitOfOthers()).toBeLessThan(1_000);
      await connection.closed();

      const [answer] = parseAnswers(connection.received);
      expect([413, 415]).toContain(answer?.status);
      expectFinalProblem(
        answer,
        answer!.status,
        answer!.status === 413 ? 'payload_too_large' : 'unsupported_media_type',
      );
      expect(sent).toBeLessThan(32 * 1024 ** 2); // what the buffers on the way hold
      expect(memory() - before).toBeLessThan(100);
    });

    it.each([
      ['body', 413, post('Content-Length: 500000'), ' '.repeat(500_000)],
      ['headers', 431, 'GET / HTTP/1.1\r\n', `X-Large: ${'x'.repeat(500_000)}`],
    ])(
      'reads on for a moment, so that a client sees why it was refused: its %s',
      async (_, status, begin, large) => {
        const connection = open();
        connection.socket.pause();
        connection.send(begin);
        for (let sent = 0; sent < large.length; sent += 20_000) {
          connection.send(large.slice(sent, sent + 20_000));
          await delay(4);
        }
        connection.socket.resume();
        await connection.closed();
        expect(parseAnswers(connection.received)).toMatchObject([{ status }]);
      },
    );

    it('keeps the connection after a refused body that is short', async () => {
      const request =
        'POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n' +
        'Content-Length: 2\r\n\r\nhi';
      const [first, second] = await exchange(
        `${request}GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
      expect(first).toMatchObject({ status: 415, headers: { connection: 'keep-alive' } });
      expect(second).toMatchObject({ status: 200 });
    });

    it.each([
      ['lists', '['],
      ['objects', '{"a":'],
    ])('fault 21: refuses 8,000 levels of %s while it serves others', async (_, open) => {
      const body = open.repeat(8_000);
      const requests = Array.from({ length: 50 }, () =>
        exchange(post(`Connection: close\r\nContent-Length: ${body.length}`, body)),
      );
      expect(await longestWaitOfOthers()).toBeLessThan(1_000);
      for (const [answer] of await Promise.all(requests)) {
        expectFinalProblem(answer, 400, 'malformed_body');
      }
    });
  });

  describe('when a client waits to be asked for the body', () => {
    it('asks for one that it will read', async () => {
      const connection = open();
      connection.send(post('Content-Length: 2\r\nConnection: close\r\nExpect: 100-continue'));
      await waitUntil(() => connection.received === 'HTTP/1.1 100 Continue\r\n\r\n');
      connection.send('{}');
      await connection.closed();
      expect(parseAnswers(connection.received).map(({ status }) => status)).toEqual([100, 400]);
    });

    it.each([
      ['too large', 413, post(`Content-Length: ${GIGABYTE}\r\nExpect: 100-continue`)],
      [
        'no JSON',
        415,
        post('Content-Length: 2\r\nExpect: 100-continue').replace('/json', '/x-www-form'),
      ],
    ])('does not ask for one that is %s', async (_, status, request) => {
      const answers = await exchange(request);
      expect(answers).toMatchObject([{ status, headers: { connection: 'close' } }]);
    });

    it('takes no notice of what HTTP/1.0 does not have', async () => {
      const request = post('Content-Length: 2\r\nExpect: 100-continue', '{}');
      const answers = await exchange(request.replace('HTTP/1.1', 'HTTP/1.0'));
      expect(answers).toMatchObject([{ status: 400 }]);
      expect(answers[0]!.body).toContain('validation_failed');
    });

    it('refuses to meet another expectation', async () => {
      const answers = await exchange(post(`Content-Length: ${GIGABYTE}\r\nExpect: a miracle`));
      expect(answers).toHaveLength(1);
      expectFinalProblem(answers[0], 417, 'expectation_failed');
    });
  });

  describe('when a request is no proper HTTP', () => {
    const get = (headers: string) => `GET / HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n`;

    it.each([
      ['17 KB of headers', 431, 'headers_too_large', get(`X-Large: ${'x'.repeat(17 * 1024)}`)],
      ['a path of 17 KB', 431, 'headers_too_large', `GET /${'x'.repeat(17 * 1024)} HTTP/1.1\r\n`],
      [
        'two ideas of its length',
        400,
        'malformed_request',
        post('Content-Length: 2\r\nTransfer-Encoding: chunked', '2\r\n{}\r\n0\r\n\r\n'),
      ],
      ['two lengths', 400, 'malformed_request', post('Content-Length: 2\r\nContent-Length: 3')],
      ['a negative length', 400, 'malformed_request', post('Content-Length: -1')],
      ['a header without a name', 400, 'malformed_request', get(': x')],
      ['a folded header', 400, 'malformed_request', get('X: a\r\n b\r\n c\u0000')],
      ['a method nobody knows', 400, 'malformed_request', 'BREW / HTTP/1.1\r\n\r\n'],
      [
        'another protocol',
        400,
        'malformed_request',
        '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n',
      ],
      [
        'a chunk without a size',
        400,
        'malformed_request',
        post('Transfer-Encoding: chunked', 'z\r\n'),
      ],
      ['a version before 1.0', 400, 'malformed_request', get('').replace('/1.1', '/0.9')],
      ['a version of another form', 400, 'malformed_request', get('').replace('/1.1', '/2.0')],
      ['no host', 400, 'malformed_request', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
      ['two hosts', 400, 'malformed_request', get('Host: example.com')],
      ['a host that is none', 400, 'malformed_request', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
      [
        'a transfer coding it does not know',
        400,
        'malformed_request',
        post('Transfer-Encoding: gzip, chunked', '2\r\n{}\r\n0\r\n\r\n'),
      ],
      [
        'a transfer coding in HTTP/1.0',
        400,
        'malformed_request',
        post(
          'Connection: keep-alive\r\nTransfer-Encoding: chunked',
          '2\r\n{}\r\n0\r\n\r\n',
        ).replace('HTTP/1.1', 'HTTP/1.0'),
      ],
      ['101 headers', 431, 'headers_too_large', get('a:\r\n'.repeat(99) + 'Connection: close')],
      ['2,900 headers', 431, 'headers_too_large', get('a:\r\n'.repeat(2_900) + 'X: y')],
      [
        'the wish for a tunnel',
        405,
        'method_not_allowed',
        'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n',
      ],
    ])('refuses %s with %i', async (_, status, code, request) => {
      const answers = await exchange(request);
      expect(answers).toHaveLength(1);
      expectFinalProblem(answers[0], status, code);
    });

    it('reads each of 100 headers', async () => {
      const user = await app.api.signUp();
      const authorization = `Authorization: Bearer ${user.token}`;
      const request = get(`${'a:\r\n'.repeat(97)}${authorization}\r\nConnection: close`);
      const [answer] = await exchange(request.replace('GET /', 'GET /users/me'));
      expect(answer?.status).toBe(200);
    });

    describe('such as a target that no URL parser accepts', () => {
      const bodies = [
        ['', ''],
        ['Transfer-Encoding: chunked', 'z'],
        ['Transfer-Encoding: chunked', '1\r\nx\r\nz'],
        ['Content-Length: 5', 'ab'],
        ['Content-Length: 1', 'abc'],
        ['Content-Length: 5\r\nExpect: 100-continue', ''],
        ['Content-Length: 5\r\nExpect: 100-continue', 'abcde'],
      ] as const;
      const targets = ['http://[', 'http://a:b@c/', 'foo://a', '//a@[#', '/#'];
      const methods = ['GET', 'HEAD', 'POST', 'OPTIONS', 'PATCH'];

      it.each(methods.flatMap((method) => targets.map((target) => [method, target] as const)))(
        'fault 27: refuses %s %s, whatever follows',
        async (method, target) => {
          const refuse = async ([header, body]: (typeof bodies)[number], n: number) => {
            const id = `${method}-${targets.indexOf(target)}-${n}`;
            const lines = ['Host: a', `X-Request-Id: ${id}`, ...(header ? [header] : []), '', body];
            const request = `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}`;
            const received = await RawConnection.exchange(app.api.url, request);
            const answers = parseAnswers(received);
            expect(answers).toHaveLength(1);
            if (method === 'HEAD') expect(answers[0]).toMatchObject({ status: 400, body: '' });
            else expectFinalProblem(answers[0], 400, 'malformed_request');
            expect(answers[0]!.headers).toMatchObject({ 'x-request-id': id });
            expect(received).not.toMatch(/x-powered-by/i);
            const logged = () => app.logLines.filter(({ request_id }) => request_id === id);
            await waitUntil(() => logged().length > 0);
            const line = { level: 'info', req: { method }, res: { status: 400 } };
            expect(logged()).toMatchObject([line]);
          };
          await Promise.all(bodies.map(refuse));
        },
      );

      it('fault 27: ends a connection that sends such targets without a pause', async () => {
        const connection = open();
        const request = 'GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n';
        connection.sendForEver(request.repeat(10), 5);
        await connection.closed();
        expect(parseAnswers(connection.received)).toHaveLength(1);
      });
    });

    it.each([
      ['the path', 'GET http://localhost/health/live HTTP/1.1', 200],
      ['the root', 'GET HTTP://localhost:80 HTTP/1.1', 200],
      ['the query', 'GET http://localhost?unexpected=1 HTTP/1.1', 400],
    ])('reads %s of a target in absolute form', async (_, line, status) => {
      const answers = await exchange(`${line}\r\nHost: a\r\nConnection: close\r\n\r\n`);
      expect(answers).toMatchObject([{ status }]);
    });

    it('names the request, and logs it, when the body of a waiting request is malformed', async () => {
      const broken = post('Transfer-Encoding: chunked\r\nX-Request-Id: waiting', 'z\r\n');
      const answers = await exchange(`${get('X-Request-Id: earlier')}${broken}`);
      expect(answers[0]).toMatchObject({ status: 200, headers: { 'x-request-id': 'earlier' } });
      expectFinalProblem(answers[1], 400, 'malformed_request');
      expect(answers[1]!.headers['x-request-id']).toBe('waiting');
      await waitUntil(() => app.logLines.some(({ request_id }) => request_id === 'waiting'));
    });

    it.each([
      ['', ''],
      ['behind another request', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'],
    ])('refuses a body in too many chunks %s, and reads no more of it', async (_, before) => {
      const connection = open();
      connection.send(before + post('Transfer-Encoding: chunked', '1\r\n \r\n'.repeat(90_000)));
      await waitUntil(() => connection.received.includes('payload_too_large'));
      await connection.closed();
      const answers = parseAnswers(connection.received);
      expect(answers).toHaveLength(before === '' ? 1 : 2);
      expect(answers.at(-1)!.body).toContain('too many chunks');
      expectFinalProblem(answers.at(-1), 413, 'payload_too_large');
    });

    it.each([1, 7, 4_095, 4_096, 5_000])(
      'joins a body that comes in pieces of %i',
      async (size) => {
        const name = 'é'.repeat(40) + 'x';
        const body = Buffer.from(
          JSON.stringify({ email: 'é@', padding: name }).padEnd(4_900 * Math.min(size, 20)),
        );
        const chunks: Buffer[] = [];
        for (let at = 0; at < body.length; at += size) {
          const chunk = body.subarray(at, at + size);
          chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
        }
        const text = Buffer.concat(chunks).toString('latin1');
        const connection = open();
        connection.send(
          post('Transfer-Encoding: chunked\r\nConnection: close', `${text}0\r\n\r\n`),
          'latin1',
        );
        await connection.closed();
        const [answer] = parseAnswers(connection.received);
        expect(JSON.parse(answer!.body)).toMatchObject({ code: 'validation_failed' });
      },
    );

    it('ends a tunnel that was asked for behind a response that nobody reads', async () => {
      const connection = open();
      connection.socket.pause();
      connection.send('GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n');
      connection.send('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n');
      await waitUntil(async () => (await connections()) === 1);
      await waitUntil(async () => (await connections()) === 0);
      connection.socket.destroy();
    });

    it('leaves an answer alone that is on its way', async () => {
      const chunk = `10000\r\n${' '.repeat(0x1_00_00)}\r\n`;
      const connection = open();
      connection.send(post('Transfer-Encoding: chunked', chunk.repeat(3)));
      await waitUntil(() => connection.received.includes('payload_too_large'));
      connection.send('no size\r\n');
      await connection.closed();
      const answers = parseAnswers(connection.received);
      expect(answers).toHaveLength(1);
      expectFinalProblem(answers[0], 413, 'payload_too_large');
    });

    it('tells what it refused in the log, once and not as an error', async () => {
      const connection = open();
      connection.send(get(`X-Large: ${'x'.repeat(17 * 1024)}`));
      connection.sendForEver('more of it', 20);
      await connection.closed();

      const requestId = parseAnswers(connection.received)[0]!.headers['x-request-id'];
      expect(app.logLines.filter(({ request_id }) => request_id === requestId)).toEqual([
        expect.objectContaining({
          level: 'info',
          code: 'headers_too_large',
          cause: 'HPE_HEADER_OVERFLOW',
        }),
      ]);
    });

    it('answers the requests before it on the same connection first', async () => {
      const answers = await exchange(
        `${get('X-Request-Id: first')}${get('X-Request-Id: second')}NONSENSE\r\n\r\n`,
      );
      expect(answers.map(({ status, headers }) => [status, headers['x-request-id']])).toEqual([
        [200, 'first'],
        [200, 'second'],
        [400, expect.any(String)],
      ]);
    });

    it('answers the requests before the wish for a tunnel first', async () => {
      const answers = await exchange(
        `${get('')}CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n`,
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 405]);
    });

    it('takes a wish for another protocol for an ordinary request', async () => {
      const [answer] = await exchange(get('Connection: Upgrade, close\r\nUpgrade: websocket'));
      expect(answer?.status).toBe(200);
    });

    it('survives clients that hang up at any point', async () => {
      const request = post('Content-Length: 2\r\nExpect: 100-continue', '{}');
      for (let length = 1; length <= request.length; length += 3) {
        const connection = open();
        connection.send(request.slice(0, length));
        await delay(1);
        connection.socket.resetAndDestroy();
      }
    });
  });

  describe('when requests come before the answers to earlier ones', () => {
    const file = 'GET /docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n';

    it('carries out none before the one before it was answered', async () => {
      const user = await app.api.signUp();
      const { id } = await user.placeOrder();
      let release = (_isRight: boolean): void => undefined;
      const held = new Promise<boolean>((resolve) => (release = resolve));
      const matches = jest.spyOn(app.nest.get(PasswordHasher), 'matches').mockReturnValueOnce(held);
      const body = JSON.stringify({ email: user.email, password: 'wrong' });
      const answers = exchange(
        post(`Content-Length: ${body.length}`, body) +
          `PATCH /orders/${id}/cancel HTTP/1.1\r\nHost: localhost\r\n` +
          `Authorization: Bearer ${user.token}\r\nConnection: close\r\n\r\n`,
      );
      await waitUntil(() => matches.mock.calls.length > 0, {
        description: 'the first to be served',
      });
      for (let n = 0; n < 5; n++) expect(await user.order(id)).toMatchObject({ status: 'pending' });

      release(false);
      expect((await answers).map(({ status }) => status)).toEqual([401, 200]);
      expect(await user.order(id)).toMatchObject({ status: 'cancelled' });
    });

    const itOnLinux = process.platform === 'linux' ? it : it.skip;

    itOnLinux('keeps no file open for a client that has left without reading', async () => {
      const openFiles = () => readdirSync('/proc/self/fd').length;
      const before = openFiles();
      const connection = open();
      connection.socket.pause();
      connection.send(file.repeat(50));
      await waitUntil(() => openFiles() > before + 1, { description: 'a file to be opened' });
      connection.socket.resetAndDestroy();
      await waitUntil(() => openFiles() <= before, { description: 'all files to be closed' });
    });

    itOnLinux(
      'keeps neither files nor connections for a tunnel asked for behind them',
      async () => {
        const openFiles = () => readdirSync('/proc/self/fd').length;
        const before = openFiles();
        for (let round = 0; round < 3; round++) {
          const all = Array.from({ length: 10 }, () => {
            const connection = open();
            connection.socket.pause();
            connection.send(`${file.repeat(20)}CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n`);
            return connection;
          });
          await waitUntil(() => openFiles() > before + 20, { description: 'files to be opened' });
          await waitUntil(async () => (await connections()) === 10);
          if (round > 0) for (const { socket } of all) socket.resetAndDestroy();
          await waitUntil(async () => (await connections()) === 0, { deadlineMs: 3_000 });
          for (const { socket } of all) socket.destroy();
          await waitUntil(() => openFiles() <= before, { description: 'all files to be closed' });
        }
      },
    );

    it('hangs up on a client that sends ever more of them', async () => {
      const connection = open();
      connection.socket.pause();
      connection.send(file.repeat(500));
      connection.socket.resume();
      await connection.closed();
    });
  });

  it('has nothing to say about itself as a whole', async () => {
    const [answer] = await exchange(
      'OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    );
    expect(answer?.status).toBe(404);
    expect(JSON.parse(answer!.body)).toMatchObject({ code: 'not_found', instance: '*' });
  });

  it.each(['TRACE', 'OPTIONS', 'PUT', 'DELETE', 'PROPFIND', 'QUERY'])(
    'has no %s anywhere',
    async (method) => {
      const [answer] = await exchange(
        `${method} /orders HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
      expectFinalProblem(answer, 405, 'method_not_allowed');
      expect(answer?.headers['allow']).toBe('GET, HEAD, POST');
    },
  );
});

describe('The HTTP server with its time limits', () => {
  it('fault 21: serves others while 300 send slowly', async () => {
    // With the time limits of production: it gives up on nobody before the others are served.
    const app = await TestApp.start();
    try {
      const slow = sendSlowly(app.api.url);
      await serveOthers(app);
      expect(slow.filter(({ received }) => received !== '')).toEqual([]);
      for (const { socket } of slow) {
        expect(socket.readyState).toBe('open');
        socket.destroy();
      }
    } finally {
      await app.stop();
    }
  });
});
