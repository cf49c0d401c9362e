import fs from 'node:fs';
import { connect } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import type { OpenAPIObject } from '@nestjs/swagger';
import { OrderList } from '../src/orders/order-list';
import { type SignedUp, expectProblem } from './support/api-client';
import { RawConnection } from './support/raw-connection';
import { TestApp } from './support/test-app';

describe('Errors', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
  });

  afterEach(() => jest.restoreAllMocks());

  /** Sends a body that would reach the route if only it could be read. */
  const postOrder = (text: string | Buffer, type = 'application/json') =>
    user.raw('post', '/orders', { type, text });

  const ORDER = '{"product_name":"Laptop","amount":1}';

  it.each(['EMFILE', 'ENFILE'])(
    'ask to try again when files cannot be opened: %s',
    async (code) => {
      const stat = (_path: string, done: (error: Error) => void) =>
        done(Object.assign(new Error(`${code}: too many open files`), { code }));
      jest.spyOn(fs, 'stat').mockImplementation(stat as never);
      const response = await app.api.get('/docs/swagger-ui.css');
      expectProblem(response, 503, 'service_unavailable');
      expect(response.headers['retry-after']).toBe('5');
    },
  );

  const exchange = (request: string) => RawConnection.exchange(app.api.url, request);

  describe('about the route', () => {
    it.each([
      ['get', '/nope'],
      ['post', '/nope'],
      ['get', '/orders/1/nope'],
      ['get', '/orders/1/history/1'],
      ['get', '/users'],
      ['get', '/users/1'],
      ['get', '/auth'],
      ['get', '/health'],
      ['get', '/nope/%E0%A4%A'],
      ['get', '/.env'],
      ['get', '/docs/..%2f..%2fpackage.json'],
    ] as const)('does not find %s %s', async (method, path) => {
      for (const client of [app.api, user]) {
        const response = await client.raw(method, path);
        expectProblem(response, 404, 'not_found');
        expect(response.body.instance).toBe(path);
      }
    });

    it.each([
      ['/', 'post', 'GET, HEAD'],
      ['/health/live', 'post', 'GET, HEAD'],
      ['/health/ready', 'put', 'GET, HEAD'],
      ['/auth/register', 'get', 'POST'],
      ['/auth/login', 'get', 'POST'],
      ['/users/me', 'patch', 'GET, HEAD'],
      ['/orders', 'delete', 'GET, HEAD, POST'],
      ['/orders/1', 'delete', 'GET, HEAD'],
      ['/orders/1/cancel', 'post', 'PATCH'],
      ['/orders/1/history', 'post', 'GET, HEAD'],
      ['/docs', 'post', 'GET, HEAD'],
      ['/openapi.json', 'post', 'GET, HEAD'],
    ] as const)(
      'has no other methods at %s: refuses %s, and allows %s',
      async (path, method, allow) => {
        const response = await user.raw(method, path);
        expectProblem(response, 405, 'method_not_allowed');
        expect(response.headers['allow']).toBe(allow);
      },
    );

    it('allows exactly the methods that the OpenAPI document describes', async () => {
      const { paths } = (await app.api.get('/openapi.json').expect(200)).body as OpenAPIObject;
      for (const [template, operations] of Object.entries(paths)) {
        const path = template.replaceAll(/\{\w+\}/g, '1');
        const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;
        const described = methods.filter((method) => operations[method]);
        const allowed = described.map((method) => method.toUpperCase());
        if (operations.get) allowed.push('HEAD');

        for (const method of methods.filter((method) => !operations[method])) {
          const response = await user.raw(method, path);
          expectProblem(response, 405, 'method_not_allowed');
          expect({ path, allow: response.headers['allow'] }).toEqual({
            path,
            allow: allowed.toSorted().join(', '),
          });
        }
      }
    });

    it('answers HEAD as it would GET, without a body', async () => {
      const head = (path: string) =>
        exchange(`HEAD ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      expect(await head('/')).toMatch(/^HTTP\/1\.1 200 OK\r\n[^{]+$/);
      expect(await head('/nope')).toMatch(/^HTTP\/1\.1 404 Not Found\r\n[^{]+$/);
      expect(await head('/auth/login')).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n[^{]+$/);
    });

    it.each([
      ['get', '/'],
      ['get', '/health/live'],
      ['get', '/health/ready'],
      ['post', '/auth/register'],
      ['post', '/auth/login'],
      ['get', '/users/me'],
      ['post', '/orders'],
      ['get', '/orders/1'],
      ['patch', '/orders/1/cancel'],
      ['get', '/orders/1/history'],
    ] as const)('refuses a query where none is expected: %s %s', async (method, path) => {
      const response = await user.raw(method, `${path}?verbose=1&__proto__=1`);
      expectProblem(response, 400, 'validation_failed');
      expect(response.body.instance).toBe(path);
      expect(response.body.errors).toEqual([
        { field: 'verbose', message: expect.any(String) },
        { field: '__proto__', message: expect.any(String) },
      ]);
    });

    it.each([
      ['a range that does not exist', 'Range', 'bytes=99999999-'],
      ['a condition that does not hold', 'If-Match', '"nothing"'],
      ['a date that has passed', 'If-Unmodified-Since', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ])('does not fail on the files of the explorer: %s', async (_, header, value) => {
      const response = await app.api.get('/docs/swagger-ui.css').set(header, value);
      expect(response.status).toBeLessThan(500);
    });
  });

  describe('about the body', () => {
    it.each([
      ['an unfinished object', '{"product_name":"Laptop","amount":'],
      ['an unfinished text', '{"product_name":"Lap'],
      ['more than an object', `${ORDER}x`],
      ['two objects', ORDER + ORDER],
      ['a comma too many', '{"product_name":"Laptop","amount":1,}'],
      ['quotes of another kind', `{'product_name':'Laptop','amount':1}`],
      ['a number that JSON does not know', '{"product_name":"Laptop","amount":NaN}'],
      ['blanks', '   '],
      ['no JSON at all', '<order/>'],
      ['bytes', Buffer.from([0xff, 0xfe, 0x00])],
    ])('calls it malformed when it is %s', async (_, body) => {
      expectProblem(await postOrder(body), 400, 'malformed_body');
    });

    it.each([
      ['nothing', ''],
      ['an empty object', '{}'],
    ])('calls it invalid when it is %s', async (_, body) => {
      const response = await postOrder(body);
      expectProblem(response, 400, 'validation_failed');
      const fields = (response.body.errors as { field: string }[]).map(({ field }) => field);
      expect(fields).toEqual(expect.arrayContaining(['product_name', 'amount']));
    });

    it.each(['null', '1', '"x"', 'true', '[]', '[1]', `[${ORDER}]`, ' null '])(
      'requires an object in place of %s',
      async (body) => {
        const response = await postOrder(body);
        expectProblem(response, 400, 'malformed_body');
        expect(response.body).toMatchObject({ detail: 'The request body must be a JSON object' });
      },
    );

    it('calls it invalid when there is none', async () => {
      expectProblem(await user.post('/orders'), 400, 'validation_failed');
    });

    it.each([
      'text/plain',
      'text/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/xml',
      'application/vnd.api+json',
      'json',
      ';',
    ])('refuses the content type %s', async (type) => {
      const response = await postOrder(ORDER).set('Content-Type', type);
      expectProblem(response, 415, 'unsupported_media_type');
    });

    it('refuses a body without a content type', async () => {
      const answer = await exchange(
        `POST /auth/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
          `Content-Length: 2\r\n\r\n{}`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 415 /);
      expect(answer).toContain('"code":"unsupported_media_type"');
    });

    // JSON is UTF-8 (RFC 8259, section 8.1).
    it.each([
      ['iso-8859-1', Buffer.from(ORDER, 'latin1')],
      ['utf-16', Buffer.from(ORDER, 'utf16le')],
      ['utf-16le', Buffer.from(ORDER, 'utf16le')],
      ['utf-7', Buffer.from(ORDER)],
      ['utf-99', Buffer.from(ORDER)],
      ['x', Buffer.from(ORDER)],
    ])('refuses the charset %s', async (charset, body) => {
      const response = await postOrder(body, `application/json; charset=${charset}`);
      expectProblem(response, 415, 'unsupported_media_type');
    });

    it.each([
      'application/json',
      'application/json; charset=utf-8',
      'application/json;charset="UTF-8"',
      'APPLICATION/JSON',
    ])('reads the content type %s', async (type) => {
      const response = await postOrder(ORDER).set('Content-Type', type);
      expect(response.status).toBe(201);
    });

    /** A request body of exactly so many bytes. */
    const bodyOf = (bytes: number) => ORDER + ' '.repeat(bytes - ORDER.length);

    it('reads 100 KB, and not a byte more', async () => {
      expect((await postOrder(bodyOf(100 * 1024))).status).toBe(201);
      expectProblem(await postOrder(bodyOf(100 * 1024 + 1)), 413, 'payload_too_large');
    });

    it('counts bytes, not characters', async () => {
      const euros = '€'.repeat(35_000);
      expectProblem(await postOrder(`{"product_name":"${euros}"}`), 413, 'payload_too_large');
    });

    it('reads no more than 100 KB when it is not told the length', async () => {
      const chunk = `${(20_000).toString(16)}\r\n${' '.repeat(20_000)}\r\n`;
      const answer = await exchange(
        `POST /auth/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
          `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n` +
          `${chunk.repeat(6)}0\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
      expect(answer).toContain('"code":"payload_too_large"');
    });

    it('does not wait for the rest of a body that says it has 1 GB', async () => {
      const answer = await exchange(
        `POST /auth/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${1024 ** 3}\r\n\r\n{`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 413 /);
      expect(answer).toContain('"code":"payload_too_large"');
    });

    it.each([
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
    ])(
      'reads a body compressed with %s, unless it is too large in truth',
      async (name, compress) => {
        const send = (text: string | Buffer) =>
          postOrder(compress(text)).set('Content-Encoding', name);

        expect((await send(ORDER)).status).toBe(201);
        expectProblem(await send(bodyOf(100 * 1024 + 1)), 413, 'payload_too_large');
        expectProblem(await send(Buffer.alloc(50_000_000, ' ')), 413, 'payload_too_large');
      },
    );

    it('calls it malformed when it is not compressed the way it says', async () => {
      const response = await postOrder(ORDER).set('Content-Encoding', 'gzip');
      expectProblem(response, 400, 'malformed_body');
    });

    it('calls it malformed when its compression is broken off', async () => {
      const response = await postOrder(gzipSync(ORDER).subarray(0, -9)).set(
        'Content-Encoding',
        'gzip',
      );
      expectProblem(response, 400, 'malformed_body');
    });

    it.each(['zstd', 'gzip, gzip', 'x'])('refuses the encoding %s', async (encoding) => {
      const response = await postOrder(ORDER).set('Content-Encoding', encoding);
      expectProblem(response, 415, 'unsupported_media_type');
    });

    const nested = (open: string, close: string) =>
      `{"product_name":${open.repeat(8_000)}1${close.repeat(8_000)}}`;

    it.each([
      ['lists', nested('[', ']')],
      ['objects', nested('{"a":', '}')],
      ['lists that are never closed', '['.repeat(8_000)],
      ['lists after a text with a quote', nested('[', ']').replace('{', '{"amount":"\\"",')],
    ])('calls it malformed when it has 8,000 levels of %s', async (_, body) => {
      expectProblem(await postOrder(body), 400, 'malformed_body');
    });

    it.each([
      [
        'utf-16',
        Buffer.from(`{"a":"\u2200","b":${'['.repeat(8_000)}${']'.repeat(8_000)}}`, 'utf16le'),
      ],
      ['utf-7', Buffer.from(`{"b":${'+AFs-'.repeat(8_000)}${'+AF0-'.repeat(8_000)}}`)],
    ])('is not blind for 8,000 levels in %s', async (charset, body) => {
      const response = await postOrder(body, `application/json; charset=${charset}`);
      expect([400, 415]).toContain(response.status);
    });

    const withFields = (count: number) =>
      `{${Array.from({ length: count }, (_, n) => `"f${n}":1`).join(',')}}`;

    it.each([
      ['10,000 unknown fields', withFields(10_000)],
      ['an unknown field with 10,000 fields', `{"x":${withFields(10_000)}}`],
      ['a list of 30,000 objects in place of an object', `[${'{},'.repeat(30_000)}{}]`],
    ])('calls it malformed when it has %s', async (_, body) => {
      expectProblem(await postOrder(body), 400, 'malformed_body');
    });

    it.each([
      ['1,000 unknown fields', withFields(1_000)],
      ['2,000 commas in a text', `{"product_name":"${','.repeat(2_000)}","amount":1}`],
    ])('looks at the fields when it has %s', async (_, body) => {
      expectProblem(await postOrder(body), 400, 'validation_failed');
    });
  });

  describe('about the protocol', () => {
    afterEach(async () => {
      await app.api.get('/').expect(200); // whatever was sent, the server lives
    });

    it('refuses headers of 17 KB', async () => {
      const answer = await exchange(
        `GET / HTTP/1.1\r\nHost: localhost\r\nX-Large: ${'x'.repeat(17 * 1024)}\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    });

    it('refuses a request with two ideas of its length', async () => {
      const answer = await exchange(
        `POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
          `Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    });

    it.each([
      ['two lengths', 'Host: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n'],
      ['a negative length', 'Host: localhost\r\nContent-Length: -1\r\n'],
      ['a header without a name', 'Host: localhost\r\n: x\r\n'],
      ['no host', 'Connection: close\r\n'],
    ])('refuses a request with %s', async (_, headers) => {
      expect(await exchange(`POST /auth/login HTTP/1.1\r\n${headers}\r\n{}`)).toMatch(
        /^HTTP\/1\.1 400 /,
      );
    });

    it('refuses what is no HTTP', async () => {
      expect(await exchange('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n')).toMatch(
        /^HTTP\/1\.1 400 /,
      );
    });

    it('survives a client that hangs up in the middle of a body', async () => {
      const socket = connect(Number(new URL(app.api.url).port), '127.0.0.1');
      socket.write(
        `POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
          `Content-Length: 100\r\n\r\n{"email":`,
        () => socket.destroy(),
      );
      await new Promise((resolve) => socket.on('close', resolve));
    });

    it('shows the path alone as the instance when the target is a whole address', async () => {
      const answer = await exchange(
        'GET http://localhost/nope?token=secret HTTP/1.1\r\n' +
          'Host: localhost\r\nConnection: close\r\n\r\n',
      );
      expect(answer).toMatch(/^HTTP\/1\.1 404 /);
      expect(answer).toContain('"instance":"/nope"');
      expect(answer).not.toContain('secret');
    });

    it('refuses a target with a password, without repeating it (RFC 9110, section 4.2.4)', async () => {
      const answer = await exchange(
        'GET http://user:secret@localhost/ HTTP/1.1\r\nHost: localhost\r\n\r\n',
      );
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(answer).not.toContain('secret');
    });
  });

  describe('and their headers', () => {
    it.each(['a', 'req-1', '4b4b2f43-3d0d-4d0a-9c6a-6f3f0a3f7f0e', 'A.b_c:1', 'x'.repeat(128)])(
      'keep the request id %s',
      async (id) => {
        const response = await app.api.get('/nope').set('X-Request-Id', id);
        expectProblem(response, 404, 'not_found');
        expect(response.headers['x-request-id']).toBe(id);
      },
    );

    it.each([
      ['is empty', ''],
      ['has a blank', 'a b'],
      ['has a quote', 'a"b'],
      ['looks like a path', '../../etc'],
      ['looks like JSON', '{"level":"fatal"}'],
      ['is not ASCII', 'é'],
      ['is longer than 128 characters', 'x'.repeat(129)],
    ])('get a request id of their own when the given one %s', async (_, id) => {
      const response = await app.api.get('/nope').set('X-Request-Id', id);
      expectProblem(response, 404, 'not_found');
      expect(response.headers['x-request-id']).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    });

    it('get a request id each', async () => {
      const [first, second] = [await app.api.get('/'), await app.api.get('/')];
      expect(first.headers['x-request-id']).toMatch(/^[\w-]{36}$/);
      expect(second.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
    });

    it.each([
      ['a success', '/'],
      ['an error', '/nope'],
      ['the explorer', '/docs'],
    ])('protect the browser: %s', async (_, path) => {
      const { headers } = await app.api.get(path);
      expect(headers).toMatchObject({
        'content-security-policy': expect.stringContaining(`default-src 'self'`),
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      });
      expect(headers['content-security-policy']).not.toContain('upgrade-insecure-requests');
      expect(headers).not.toHaveProperty('x-powered-by');
      // Not over plain HTTP (RFC 6797, section 7.2).
      expect(headers).not.toHaveProperty('strict-transport-security');
    });

    it.each([
      ['post', '/auth/login', 'no-store'],
      ['post', '/auth/nope', 'no-store'],
      ['get', '/users/me', 'no-store'],
      ['get', '/orders', 'private, no-cache'],
      ['get', '/orders?limit=0', 'no-store'],
      ['get', '/nope', 'no-store'],
    ] as const)('say who may keep the answer: %s %s', async (method, path, expected) => {
      const response = await user.raw(method, path);
      expect(response.headers['cache-control']).toBe(expected);
    });

    it('let nobody keep a token', async () => {
      const { email } = await app.api.signUp();
      const login = await app.api.post('/auth/login', { email, password: 'correct horse' });
      expect(login.status).toBe(200);
      expect(login.headers['cache-control']).toBe('no-store');
    });

    it('allow no other origin anything', async () => {
      const preflight = await app.api
        .raw('options', '/orders')
        .set({ Origin: 'https://example.org', 'Access-Control-Request-Method': 'POST' });
      const request = await user.get('/orders').set('Origin', 'https://example.org');

      for (const { headers } of [preflight, request]) {
        const names = Object.keys(headers);
        expect(names.filter((name) => name.startsWith('access-control-'))).toEqual([]);
      }
    });

    it('do not depend on what a client says about proxies', async () => {
      const forwarded = {
        'X-Forwarded-For': '203.0.113.7',
        'X-Forwarded-Host': 'forwarded.example.org',
        'X-Forwarded-Proto': 'https',
        Forwarded: 'for=203.0.113.7;host=forwarded.example.org;proto=https',
      };
      const logged = app.logLines.length;
      const placed = await user
        .post('/orders', { product_name: 'Laptop', amount: 1 })
        .set(forwarded);
      const spoofed = await app.api.get('/nope').set({ ...forwarded, 'X-Request-Id': 'one' });
      const plain = await app.api.get('/nope').set({ 'X-Request-Id': 'one' });

      expect(placed.headers['location']).toBe(`/orders/${placed.body.id}`);
      expect(spoofed.text).toBe(plain.text);
      expect(Object.keys(spoofed.headers)).toEqual(Object.keys(plain.headers));
      expect(JSON.stringify(app.logLines.slice(logged))).not.toMatch(/203\.0\.113\.7|forwarded\./);
    });
  });

  describe('nobody expected', () => {
    it('are a generic 500, and are logged with their cause', async () => {
      const cause = new Error('password authentication failed');
      jest
        .spyOn(app.nest.get(OrderList), 'own')
        .mockRejectedValueOnce(new TypeError('Cannot read the secret', { cause }));
      const response = await user.get('/orders');

      expectProblem(response, 500, 'internal_error');
      expect(Object.keys(response.body as object).toSorted()).toEqual(
        ['code', 'detail', 'instance', 'request_id', 'status', 'title', 'type'].toSorted(),
      );
      expect(response.text).not.toMatch(/secret|password|TypeError/);
      expect(app.logLines).toContainEqual(
        expect.objectContaining({
          level: 'error',
          request_id: response.headers['x-request-id'],
          err: expect.objectContaining({
            type: 'TypeError',
            message: 'Cannot read the secret',
            stack: expect.stringContaining('errors.e2e-spec'),
            cause: expect.objectContaining({ message: 'password authentication failed' }),
          }),
        }),
      );
    });

    it.each([
      ['a text', 'the secret'],
      ['nothing', undefined],
      ['an object', { secret: true }],
      ['an error with a status', Object.assign(new Error('the secret'), { status: 402 })],
    ])('are a generic 500 also when what is thrown is %s', async (_, thrown) => {
      jest.spyOn(app.nest.get(OrderList), 'own').mockRejectedValueOnce(thrown);
      const response = await user.get('/orders');
      expectProblem(response, 500, 'internal_error');
      expect(response.text).not.toContain('secret');
    });

    it('harm no other request', async () => {
      jest.spyOn(app.nest.get(OrderList), 'own').mockRejectedValueOnce(new Error('once is enough'));
      const responses = await Promise.all(Array.from({ length: 5 }, () => user.get('/orders')));
      expect(responses.filter(({ status }) => status === 200)).toHaveLength(4);
      expect(responses.filter(({ status }) => status === 500)).toHaveLength(1);
    });
  });
});
