import { setTimeout as delay } from 'node:timers/promises';
import {
  RawConnection,
  expectFinalProblem,
  parseResponses,
  rawGet,
  rawPost,
} from './support/raw-connection';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

const CHUNKED = 'Transfer-Encoding: chunked';
const EMPTY_OBJECT_IN_CHUNKS = '2\r\n{}\r\n0\r\n\r\n';

describe('Malformed requests', () => {
  const app = TestApp.forSuite();

  afterEach(async () => {
    await app.api.get('/').expect(200); // the server still runs
  });

  const open = () => RawConnection.open(app.api.url);

  const exchange = async (request: string) =>
    parseResponses(await RawConnection.exchange(app.api.url, request));

  it.each([
    ['two kinds of length', rawPost(`Content-Length: 2\r\n${CHUNKED}`, EMPTY_OBJECT_IN_CHUNKS)],
    ['two lengths', rawPost('Content-Length: 2\r\nContent-Length: 3')],
    ['a negative length', rawPost('Content-Length: -1')],
    ['a header without a name', rawGet(': x')],
    ['a folded header', rawGet('X: a\r\n b\r\n c\u0000')],
    ['an unknown method', 'BREW / HTTP/1.1\r\n\r\n'],
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n'],
    ['a chunk without a size', rawPost(CHUNKED, 'z\r\n')],
    ['a version before 1.0', rawGet().replace('/1.1', '/0.9')],
    ['a version after 1.1', rawGet().replace('/1.1', '/2.0')],
    ['no host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two hosts', rawGet('Host: example.com')],
    ['a malformed host', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
    [
      'an unknown transfer coding',
      rawPost('Transfer-Encoding: gzip, chunked', EMPTY_OBJECT_IN_CHUNKS),
    ],
    [
      'a transfer coding in HTTP/1.0',
      rawPost(`Connection: keep-alive\r\n${CHUNKED}`, EMPTY_OBJECT_IN_CHUNKS).replace(
        'HTTP/1.1',
        'HTTP/1.0',
      ),
    ],
  ])('are rejected with 400: %s', async (_, request) => {
    const responses = await exchange(request);
    expect(responses).toHaveLength(1);
    expectFinalProblem(responses[0], 400, 'malformed_request');
  });

  it.each([
    ['17 KB of headers', rawGet(`X-Large: ${'x'.repeat(17 * 1024)}`)],
    ['a path of 17 KB', `GET /${'x'.repeat(17 * 1024)} HTTP/1.1\r\n`],
    ['101 headers', rawGet('a:\r\n'.repeat(99) + 'Connection: close')],
    ['2,900 headers', rawGet('a:\r\n'.repeat(2_900) + 'X: y')],
  ])('are rejected with 431: %s', async (_, request) => {
    const responses = await exchange(request);
    expect(responses).toHaveLength(1);
    expectFinalProblem(responses[0], 431, 'headers_too_large');
    expect(JSON.parse(responses[0]!.body)).toMatchObject({
      detail: 'The request headers exceed 16 KB, or are more than 100', // on any version of Node.js
    });
  });

  it('do not include requests with 100 headers', async () => {
    const user = await app.api.signUp();
    const authorization = `Authorization: Bearer ${user.token}`;
    const headers = `${'a:\r\n'.repeat(97)}${authorization}\r\nConnection: close`;
    const [response] = await exchange(rawGet(headers, '/users/me'));
    expect(response?.status).toBe(200);
  });

  it('are rejected with 405 when the method is CONNECT', async () => {
    const responses = await exchange(
      'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n',
    );
    expect(responses).toHaveLength(1);
    expectFinalProblem(responses[0], 405, 'method_not_allowed');
  });

  it('do not include requests that offer an upgrade to another protocol', async () => {
    const [response] = await exchange(rawGet('Connection: Upgrade, close\r\nUpgrade: websocket'));
    expect(response?.status).toBe(200);
  });

  it('are logged once, and not as an error', async () => {
    const connection = open();
    connection.send(rawGet(`X-Large: ${'x'.repeat(17 * 1024)}`));
    connection.sendRepeatedly('more of it', 20);
    await connection.closed();

    const requestId = parseResponses(connection.received)[0]!.headers['x-request-id'];
    expect(app.logLines.filter(({ request_id }) => request_id === requestId)).toEqual([
      expect.objectContaining({
        level: 'info',
        code: 'headers_too_large',
        cause: 'HPE_HEADER_OVERFLOW',
      }),
    ]);
  });

  it.each(['Content-Length: 2\r\nExpect: 100-continue', 'Content-Length: 2'])(
    'do not end the process when the client disconnects at any point: %j',
    async (headers) => {
      const request = rawPost(headers, '{}');
      for (let length = 1; length <= request.length; length += 3) {
        for (const end of ['destroy', 'resetAndDestroy'] as const) {
          const { socket } = open();
          socket.write(request.slice(0, length));
          await delay(1);
          socket[end]();
        }
      }
    },
  );

  describe('because of their target', () => {
    const bodies = [
      ['', ''],
      [CHUNKED, 'z'],
      [CHUNKED, '1\r\nx\r\nz'],
      ['Content-Length: 5', 'ab'],
      ['Content-Length: 1', 'abc'],
      ['Content-Length: 5\r\nExpect: 100-continue', ''],
      ['Content-Length: 5\r\nExpect: 100-continue', 'abcde'],
    ] as const;
    const methods = ['GET', 'HEAD', 'POST', 'OPTIONS', 'PATCH'];

    it.each(['http://[', 'http://a:b@c/', 'foo://a', '//a@[#', '/#'])(
      'fault 27: are rejected with 400 for each method and body: %s',
      async (target) => {
        const expectRejection = async (method: string, n: number) => {
          const [header, body] = bodies[n]!;
          const id = `${Buffer.from(target).toString('hex')}-${method}-${n}`;
          const lines = ['Host: a', `X-Request-Id: ${id}`, ...(header ? [header] : []), '', body];
          const request = `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}`;
          const received = await RawConnection.exchange(app.api.url, request);
          const responses = parseResponses(received);
          expect(responses).toHaveLength(1);
          if (method === 'HEAD') expect(responses[0]).toMatchObject({ status: 400, body: '' });
          else expectFinalProblem(responses[0], 400, 'malformed_request');
          expect(responses[0]!.headers).toMatchObject({ 'x-request-id': id });
          expect(received).not.toMatch(/x-powered-by/i);
          const logged = () => app.logLines.filter(({ request_id }) => request_id === id);
          await waitUntil(() => logged().length > 0);
          const line = { level: 'info', req: { method }, res: { status: 400 } };
          expect(logged()).toMatchObject([line]);
        };
        // At the same time, because the rest of an incomplete body is awaited for a second.
        await Promise.all(
          methods.flatMap((method) => bodies.map((_, n) => expectRejection(method, n))),
        );
      },
    );

    it('fault 27: close a connection that sends them without a pause', async () => {
      const connection = open();
      connection.sendRepeatedly('GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(10), 5);
      await connection.closed();
      expect(parseResponses(connection.received)).toHaveLength(1);
    });

    // RFC 9110, section 4.2.4
    it('are rejected without repeating the password in it', async () => {
      const received = await RawConnection.exchange(
        app.api.url,
        'GET http://user:secret@localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
      );
      expect(received).toMatch(/^HTTP\/1\.1 400 /);
      expect(received).not.toContain('secret');
    });
  });

  describe('do not include targets in absolute form', () => {
    it.each([
      ['path', 'GET http://localhost/health/live HTTP/1.1', 200],
      ['root', 'GET HTTP://localhost:80 HTTP/1.1', 200],
      ['query', 'GET http://localhost?unexpected=1 HTTP/1.1', 400],
    ])('whose %s is used', async (_, line, status) => {
      const responses = await exchange(`${line}\r\nHost: a\r\nConnection: close\r\n\r\n`);
      expect(responses).toMatchObject([{ status }]);
    });

    it('of which problem documents repeat only the path', async () => {
      const [response] = await exchange(
        'GET http://localhost/nope?token=secret HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      );
      expect(response?.status).toBe(404);
      expect(JSON.parse(response!.body)).toMatchObject({ instance: '/nope' });
      expect(response!.body).not.toContain('secret');
    });
  });
});
