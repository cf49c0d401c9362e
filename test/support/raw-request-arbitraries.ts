import {
  type Arbitrary,
  array,
  constantFrom,
  integer,
  oneof,
  record,
  string,
  tuple,
} from 'fast-check';

/** What a client sends on one connection, and how it ends. */
export interface RawExchange {
  readonly requests: readonly RawRequest[];
  /** Where the bytes are split into two writes, as a fraction of their length. */
  readonly split: number;
  readonly end: 'wait' | 'half-close' | 'reset';
}

export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly bytes: string;
}

const METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS', 'PATCH', 'PUT', 'DELETE', 'TRACE', 'QUERY'];

const TARGETS = ['/', '/health/live', '/orders', '/orders/1', '/auth/login', '/docs/', '/nothing'];

/** Valid and invalid forms of RFC 9112, section 3.2. URL parsers reject some of them. */
const HOSTILE_TARGETS = [
  ['http://[', 'http://[::1', 'http://a:b@c/', 'http://@/', 'http://', 'http:///x', 'https://?'],
  ['http://a:99999999/', 'http://a%zz/', 'HTTP://[::1]:80/', 'http://localhost', 'ftp://a/'],
  ['http://localhost/health/live', 'https://a/orders?limit=1', 'http://a?b', 'foo://a', 'a:', 'a'],
  ['*', '**', '?', '', 'localhost:80', '//a@[#', '//[', '//a@b/', '/#', '/a#b', '/\u0080', '/é'],
  ['/%', '/%zz', '/orders/%E0%A4%A', '/docs/%', '/docs/..%2f..%2fetc', '/docs/%00', '/\\', '/"|<>'],
  ['/?a[b][c]=d', '/?__proto__[x]=1', `/${'"'.repeat(15_000)}`, `/${'%22'.repeat(6_000)}`, '/ /'],
].flat();

const HOSTILE_VERSIONS = ['HTTP/1.0', 'HTTP/2.0', 'HTTP/1.1 ', 'http', ''];

const HEADERS = [
  ['Connection: close', 'Connection: keep-alive', 'Content-Length: 0', 'Content-Length: 2'],
  ['Transfer-Encoding: chunked', 'Content-Type: application/json', 'Content-Type: text/plain'],
  ['Expect: 100-continue', 'Origin: null', 'If-None-Match: *', 'X-Request-Id: chosen', 'X: y'],
].flat();

const HOSTILE_HEADERS = [
  ['Host: b', 'Host: [', 'Host: a/b', 'Host:', 'Connection: close', 'Connection: keep-alive'],
  ['Content-Length: 0', 'Content-Length: 2', 'Content-Length: 5', 'Content-Length: 1000000000'],
  ['Content-Length: -1', 'Content-Length: 2, 2', 'Content-Length: x', 'Content-Type: text/plain'],
  ['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked', 'Transfer-Encoding: gzip, chunked'],
  ['Expect: 100-continue', 'Expect: a miracle', 'Connection: Upgrade\r\nUpgrade: websocket'],
  [
    'Content-Type: application/json',
    'Content-Type: application/json; charset=x',
    'Content-Type: [',
  ],
  ['Content-Encoding: gzip', 'X-Request-Id: chosen', 'X-Request-Id: "', 'Authorization: Bearer x'],
  [
    'Origin: null',
    'Range: bytes=9-1',
    'If-None-Match: *',
    'X-Forwarded-For: 1.2.3.4:5',
    ': x',
    'x',
  ],
  ['a:\r\n'.repeat(101) + 'b:', 'a:\r\n'.repeat(2_900) + 'b:', `X: ${'x'.repeat(17_000)}`, 'X: \0'],
].flat();

const BODIES = [
  ['', '', 'z', '{}', 'null', '[1]', '"x"', '2\r\n{}\r\n0\r\n\r\n', '2\r\n{}\r\n', 'z\r\n\r\n'],
  ['5;a=b\r\n12345\r\n0\r\nTrailer: x\r\n\r\n', '0\r\n\r\n', '0\r\n: x\r\n\r\n', '{"a":"\0"}'],
].flat();

/** Each character stands for one byte. */
const anyBytes = (maxLength: number): Arbitrary<string> =>
  string({
    unit: integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)),
    maxLength,
  });

const mostly = (
  usual: readonly string[],
  hostile: readonly string[],
  { percent, maxLength }: { percent: number; maxLength: number },
): Arbitrary<string> =>
  oneof(
    { weight: 100 - percent, arbitrary: constantFrom(...usual) },
    { weight: percent - 1, arbitrary: constantFrom(...hostile) },
    { weight: 1, arbitrary: anyBytes(maxLength) },
  );

const anyHeaders: Arbitrary<string[]> = tuple(
  mostly(['Host: a'], HOSTILE_HEADERS, { percent: 5, maxLength: 30 }),
  array(mostly(HEADERS, HOSTILE_HEADERS, { percent: 20, maxLength: 30 }), { maxLength: 3 }),
).map(([host, others]) => [host].concat(others));

const anyRequest: Arbitrary<RawRequest> = tuple(
  mostly(METHODS, ['CONNECT', 'BREW', ''], { percent: 5, maxLength: 10 }),
  mostly(TARGETS, HOSTILE_TARGETS, { percent: 40, maxLength: 30 }),
  mostly(['HTTP/1.1'], HOSTILE_VERSIONS, { percent: 5, maxLength: 10 }),
  anyHeaders,
  mostly([''], BODIES, { percent: 40, maxLength: 200 }),
).map(([method, target, version, headers, body]) => ({
  method,
  target,
  bytes: [`${method} ${target} ${version}`, ...headers, '', body].join('\r\n'),
}));

/** Anything that can be sent over a connection, most of it nearly HTTP. */
export const anyExchange: Arbitrary<RawExchange> = record({
  requests: array(anyRequest, { minLength: 1, maxLength: 3 }),
  split: integer({ min: 0, max: 100 }).map((percent) => percent / 100),
  end: constantFrom('wait', 'wait', 'wait', 'half-close', 'reset'),
});
