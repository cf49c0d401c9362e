import { setTimeout as delay } from 'node:timers/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type SignedUp, expectProblem } from './support/api-client';
import {
  RawConnection,
  expectFinalProblem,
  parseResponses,
  rawGet,
  rawPost,
} from './support/raw-connection';
import { repeatIfStalled } from './support/repeat-if-stalled';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

const MEGABYTE = 1024 ** 2;
const GIGABYTE = 1024 ** 3;
const CHUNKED = 'Transfer-Encoding: chunked';
const CHUNK_OF_64_KB = `10000\r\n${' '.repeat(0x1_00_00)}\r\n`;
const ORDER = '{"product_name":"Laptop","amount":1}';

/** An order of this size. */
const orderOf = (bytes: number) => ORDER + ' '.repeat(bytes - ORDER.length);

describe('Request bodies', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
  });

  afterEach(async () => {
    await app.api.get('/').expect(200); // the server still runs
  });

  const open = () => RawConnection.open(app.api.url);

  const exchange = async (request: string) =>
    parseResponses(await RawConnection.exchange(app.api.url, request));

  const postOrder = (content: string | Buffer) =>
    user.raw('post', '/orders', { type: 'application/json', content });

  /**
   * The most CPU time, in milliseconds, that this process took while it served one of twenty other
   * requests. CPU time, because other processes also take time on the clock.
   */
  async function longestWaitOfOthers(): Promise<number> {
    const waits: number[] = [];
    for (let n = 0; n < 20; n++) {
      const before = process.cpuUsage();
      await app.api.get('/health/live').expect(200);
      const { user, system } = process.cpuUsage(before);
      waits.push((user + system) / 1_000);
    }
    return Math.max(...waits);
  }

  describe('of more than 100 KB', () => {
    it('are rejected, by a single byte', async () => {
      expect((await postOrder(orderOf(100 * 1024))).status).toBe(201);
      expectProblem(await postOrder(orderOf(100 * 1024 + 1)), 413, 'payload_too_large');
    });

    it('are rejected by their bytes, not their characters', async () => {
      const euros = '€'.repeat(35_000);
      expectProblem(await postOrder(`{"product_name":"${euros}"}`), 413, 'payload_too_large');
    });

    it('are rejected without a Content-Length', async () => {
      const chunk = `${(20_000).toString(16)}\r\n${' '.repeat(20_000)}\r\n`;
      const headers = `Connection: close\r\n${CHUNKED}`;
      const [response] = await exchange(rawPost(headers, `${chunk.repeat(6)}0\r\n\r\n`));
      expectFinalProblem(response, 413, 'payload_too_large');
    });

    it.each([
      ['gzip', gzipSync],
      ['deflate', deflateSync],
      ['br', brotliCompressSync],
    ])('are rejected when they are compressed with %s', async (name, compress) => {
      const send = (body: string | Buffer) =>
        postOrder(compress(body)).set('Content-Encoding', name);

      expect((await send(ORDER)).status).toBe(201);
      expectProblem(await send(orderOf(100 * 1024 + 1)), 413, 'payload_too_large');
      expectProblem(await send(Buffer.alloc(50_000_000, ' ')), 413, 'payload_too_large');
    });

    it.each([
      ['with a Content-Length', `Content-Length: ${GIGABYTE}`, ' '.repeat(64 * 1024)],
      ['in chunks', CHUNKED, CHUNK_OF_64_KB],
      ['in another encoding', `${CHUNKED}\r\nContent-Encoding: x`, CHUNK_OF_64_KB],
    ])('fault 21: are not read to their end: 1 GB %s', async (_, headers, piece) => {
      const before = process.memoryUsage().rss;
      const connection = open();
      let sent = 0;
      const pump = () => {
        while (connection.socket.writable && sent < GIGABYTE) {
          sent += piece.length;
          if (!connection.socket.write(piece)) break;
        }
      };
      connection.socket.on('drain', pump);
      connection.send(rawPost(headers));
      pump();
      expect(await longestWaitOfOthers()).toBeLessThan(1_000);
      await connection.closed();

      const [response] = parseResponses(connection.received);
      if (headers.includes('Encoding: x'))
        expectFinalProblem(response, 415, 'unsupported_media_type');
      else expectFinalProblem(response, 413, 'payload_too_large');
      expect(sent).toBeLessThan(32 * MEGABYTE); // the capacity of the buffers in between
      expect(process.memoryUsage().rss - before).toBeLessThan(100 * MEGABYTE);
    });

    it.each([
      ['body', 413, rawPost('Content-Length: 500000'), ' '.repeat(500_000)],
      ['headers', 431, 'GET / HTTP/1.1\r\n', `X-Large: ${'x'.repeat(500_000)}`],
    ])(
      'are read for a moment, so that the client receives the response: %s',
      (_, status, begin, large) =>
        // The server reads for a second, during which a stall prevents that the client sends.
        repeatIfStalled(async () => {
          const connection = open();
          connection.socket.pause();
          connection.send(begin);
          for (let sent = 0; sent < large.length; sent += 20_000) {
            connection.send(large.slice(sent, sent + 20_000));
            await delay(4);
          }
          connection.socket.resume();
          await connection.closed();
          expect(parseResponses(connection.received)).toMatchObject([{ status }]);
        }),
    );

    it('get one response when they are malformed after it has begun', async () => {
      const connection = open();
      connection.send(rawPost(CHUNKED, CHUNK_OF_64_KB.repeat(3)));
      await waitUntil(() => connection.received.includes('payload_too_large'));
      connection.send('no size\r\n');
      await connection.closed();
      const responses = parseResponses(connection.received);
      expect(responses).toHaveLength(1);
      expectFinalProblem(responses[0], 413, 'payload_too_large');
    });
  });

  it('keep the connection open when they are rejected and short', async () => {
    const request = rawPost('Content-Length: 2', 'hi').replace('application/json', 'text/plain');
    const [first, second] = await exchange(request + rawGet('Connection: close'));
    expect(first).toMatchObject({ status: 415, headers: { connection: 'keep-alive' } });
    expect(second).toMatchObject({ status: 200 });
  });

  it.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
  ])(
    'fault 21: are rejected with 8,000 levels of %s, while others are served',
    async (...parts) => {
      const [, begin, end] = parts;
      const body = `{"email":${begin.repeat(8_000)}1${end.repeat(8_000)}}`;
      const requests = Array.from({ length: 50 }, () =>
        exchange(rawPost(`Connection: close\r\nContent-Length: ${body.length}`, body)),
      );
      expect(await longestWaitOfOthers()).toBeLessThan(1_000);
      for (const [response] of await Promise.all(requests)) {
        expectFinalProblem(response, 400, 'malformed_body');
      }
    },
  );

  describe('with Expect: 100-continue', () => {
    it('get 100 Continue when the server reads them', async () => {
      const connection = open();
      connection.send(rawPost('Content-Length: 2\r\nConnection: close\r\nExpect: 100-continue'));
      await waitUntil(() => connection.received === 'HTTP/1.1 100 Continue\r\n\r\n');
      connection.send('{}');
      await connection.closed();
      expect(parseResponses(connection.received).map(({ status }) => status)).toEqual([100, 400]);
    });

    it.each([
      ['too large', 413, rawPost(`Content-Length: ${GIGABYTE}\r\nExpect: 100-continue`)],
      [
        'not JSON',
        415,
        rawPost('Content-Length: 2\r\nExpect: 100-continue').replace('/json', '/x-www-form'),
      ],
    ])('get no 100 Continue when they are %s', async (_, status, request) => {
      const responses = await exchange(request);
      expect(responses).toMatchObject([{ status, headers: { connection: 'close' } }]);
    });

    it('are read at once in HTTP/1.0, which has no 100 Continue', async () => {
      const request = rawPost('Content-Length: 2\r\nExpect: 100-continue', '{}');
      const responses = await exchange(request.replace('HTTP/1.1', 'HTTP/1.0'));
      expect(responses).toMatchObject([{ status: 400 }]);
      expect(responses[0]!.body).toContain('validation_failed');
    });

    it('are rejected with 417 when the client expects something else', async () => {
      const responses = await exchange(rawPost(`Content-Length: ${GIGABYTE}\r\nExpect: a miracle`));
      expect(responses).toHaveLength(1);
      expectFinalProblem(responses[0], 417, 'expectation_failed');
    });
  });

  describe('in chunks', () => {
    it.each([
      ['alone', ''],
      ['behind another request', rawGet()],
    ])(
      'fault 40: are rejected, and not read to their end, when there are too many: %s',
      async (_, before) => {
        const connection = open();
        connection.send(before + rawPost(CHUNKED, '1\r\n \r\n'.repeat(90_000)));
        await waitUntil(() => connection.received.includes('payload_too_large'));
        await connection.closed();
        const responses = parseResponses(connection.received);
        expect(responses).toHaveLength(before === '' ? 1 : 2);
        expect(responses.at(-1)!.body).toContain('too many chunks');
        expectFinalProblem(responses.at(-1), 413, 'payload_too_large');
      },
    );

    it.each([1, 7, 4_095, 4_096, 5_000])('of %i bytes are joined', async (size) => {
      const padding = 'é'.repeat(40) + 'x';
      const body = Buffer.from(
        JSON.stringify({ email: 'é@', padding }).padEnd(4_900 * Math.min(size, 20)),
      );
      const chunks: Buffer[] = [];
      for (let at = 0; at < body.length; at += size) {
        const chunk = body.subarray(at, at + size);
        chunks.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
      }
      const chunkedBody = `${Buffer.concat(chunks).toString('latin1')}0\r\n\r\n`;
      const connection = open();
      connection.send(rawPost(`${CHUNKED}\r\nConnection: close`, chunkedBody), 'latin1');
      await connection.closed();
      const [response] = parseResponses(connection.received);
      expect(JSON.parse(response!.body)).toMatchObject({ code: 'validation_failed' });
    });
  });
});
