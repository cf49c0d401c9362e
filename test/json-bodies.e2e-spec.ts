import { gzipSync } from 'node:zlib';
import { type SignedUp, expectProblem } from './support/api-client';
import {
  RawConnection,
  expectFinalProblem,
  parseResponses,
  rawPost,
} from './support/raw-connection';
import { TestApp } from './support/test-app';

const ORDER = '{"product_name":"Laptop","amount":1}';

/** Compressed by Node.js 24, because Node.js 20 has no zstd. */
const ORDER_IN_ZSTD = Buffer.from(
  'KLUv/SAkIQEAeyJwcm9kdWN0X25hbWUiOiJMYXB0b3AiLCJhbW91bnQiOjF9',
  'base64',
);

describe('JSON bodies', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
  });

  /** Sends a body to a route that accepts orders. */
  const postOrder = (content: string | Buffer, type = 'application/json') =>
    user.raw('post', '/orders', { type, content });

  it.each([
    ['an unfinished object', '{"product_name":"Laptop","amount":'],
    ['an unfinished string', '{"product_name":"Lap'],
    ['an object and more', `${ORDER}x`],
    ['two objects', ORDER + ORDER],
    ['an object with a trailing comma', '{"product_name":"Laptop","amount":1,}'],
    ['an object with single quotes', `{'product_name':'Laptop','amount':1}`],
    ['an object with NaN', '{"product_name":"Laptop","amount":NaN}'],
    ['blanks', '   '],
    ['XML', '<order/>'],
    ['bytes', Buffer.from([0xff, 0xfe, 0x00])],
  ])('are malformed when they are %s', async (_, body) => {
    expectProblem(await postOrder(body), 400, 'malformed_body');
  });

  it.each([
    ['nothing', ''],
    ['an empty object', '{}'],
  ])('are invalid when they are %s', async (_, body) => {
    const response = await postOrder(body);
    expectProblem(response, 400, 'validation_failed');
    const fields = (response.body.errors as { field: string }[]).map(({ field }) => field);
    expect(fields).toEqual(expect.arrayContaining(['product_name', 'amount']));
  });

  it.each(['null', '1', '"x"', 'true', '[]', '[1]', `[${ORDER}]`, ' null '])(
    'are malformed when they are not an object: %s',
    async (body) => {
      const response = await postOrder(body);
      expectProblem(response, 400, 'malformed_body');
      expect(response.body).toMatchObject({ detail: 'The request body must be a JSON object' });
    },
  );

  it('are invalid when they are missing', async () => {
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
  ])('are rejected with the content type %s', async (type) => {
    const response = await postOrder(ORDER).set('Content-Type', type);
    expectProblem(response, 415, 'unsupported_media_type');
  });

  it('are rejected without a content type', async () => {
    const request = rawPost('Connection: close\r\nContent-Length: 2', '{}');
    const received = await RawConnection.exchange(
      app.api.url,
      request.replace('Content-Type: application/json\r\n', ''),
    );
    expectFinalProblem(parseResponses(received)[0], 415, 'unsupported_media_type');
  });

  // JSON is UTF-8 (RFC 8259, section 8.1).
  it.each([
    ['iso-8859-1', Buffer.from(ORDER, 'latin1')],
    ['utf-16', Buffer.from(ORDER, 'utf16le')],
    ['utf-16le', Buffer.from(ORDER, 'utf16le')],
    ['utf-7', Buffer.from(ORDER)],
    ['utf-99', Buffer.from(ORDER)],
    ['x', Buffer.from(ORDER)],
  ])('are rejected with the charset %s', async (charset, body) => {
    const response = await postOrder(body, `application/json; charset=${charset}`);
    expectProblem(response, 415, 'unsupported_media_type');
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'APPLICATION/JSON',
  ])('are accepted with the content type %s', async (type) => {
    const response = await postOrder(ORDER).set('Content-Type', type);
    expect(response.status).toBe(201);
  });

  it('are malformed when they are not compressed as Content-Encoding says', async () => {
    const response = await postOrder(ORDER).set('Content-Encoding', 'gzip');
    expectProblem(response, 400, 'malformed_body');
  });

  it('are malformed when their compressed data is incomplete', async () => {
    const response = await postOrder(gzipSync(ORDER).subarray(0, -9)).set(
      'Content-Encoding',
      'gzip',
    );
    expectProblem(response, 400, 'malformed_body');
  });

  it.each(['zstd', 'gzip, gzip', 'x'])('are rejected with the encoding %s', async (encoding) => {
    const response = await postOrder(ORDER).set('Content-Encoding', encoding);
    expectProblem(response, 415, 'unsupported_media_type');
  });

  it('are rejected with zstd, even where Node.js can decompress it', async () => {
    const response = await postOrder(ORDER_IN_ZSTD).set('Content-Encoding', 'zstd');
    expectProblem(response, 415, 'unsupported_media_type');
  });

  it.each(['identity', '', 'IDENTITY'])(
    'are accepted without compression, with the encoding "%s"',
    async (encoding) => {
      const response = await postOrder(ORDER).set('Content-Encoding', encoding);
      expect(response.status).toBe(201);
    },
  );

  it('are malformed when they have 8,000 levels after a string with a quote', async () => {
    const nested = `${'['.repeat(8_000)}1${']'.repeat(8_000)}`;
    const body = `{"amount":"\\"","product_name":${nested}}`;
    expectProblem(await postOrder(body), 400, 'malformed_body');
  });

  it.each([
    [
      'utf-16',
      Buffer.from(`{"a":"\u2200","b":${'['.repeat(8_000)}${']'.repeat(8_000)}}`, 'utf16le'),
    ],
    ['utf-7', Buffer.from(`{"b":${'+AFs-'.repeat(8_000)}${'+AF0-'.repeat(8_000)}}`)],
  ])('are rejected with 8,000 levels in %s', async (charset, body) => {
    const response = await postOrder(body, `application/json; charset=${charset}`);
    expect([400, 415]).toContain(response.status);
  });

  const withFields = (count: number) =>
    `{${Array.from({ length: count }, (_, n) => `"f${n}":1`).join(',')}}`;

  it.each([
    ['10,000 unknown fields', withFields(10_000)],
    ['an unknown field with 10,000 fields', `{"x":${withFields(10_000)}}`],
    ['a list of 30,000 objects', `[${'{},'.repeat(30_000)}{}]`],
  ])('are malformed when they have %s', async (_, body) => {
    expectProblem(await postOrder(body), 400, 'malformed_body');
  });

  it.each([
    ['1,000 unknown fields', withFields(1_000)],
    ['2,000 commas in a string', `{"product_name":"${','.repeat(2_000)}","amount":1}`],
  ])('are validated when they have %s', async (_, body) => {
    expectProblem(await postOrder(body), 400, 'validation_failed');
  });
});
