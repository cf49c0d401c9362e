import { cpuMsOf } from '../../test/support/cpu-time';
import { isLikeToken, redactCredentials, redactTokens } from './redact-credentials';

describe('redactCredentials', () => {
  it.each([
    ['amqp://john:s3cret@broker:5672/orders', 'amqp://[redacted]@broker:5672/orders'],
    [
      'no host in postgres://s3cret@/db?host=/tmp',
      'no host in postgres://[redacted]@/db?host=/tmp',
    ],
    [
      'https://a:s3@cret@one and http://b:s3cret@two',
      'https://[redacted]@one and http://[redacted]@two',
    ],
    [
      'cannot open /srv/postgres:/john:s3cret@host/db',
      'cannot open /srv/postgres:/[redacted]@host/db',
    ],
    [String.raw`{"url":"http://john:s3\"cret@host"}`, String.raw`{"url":"http://[redacted]@host"}`],
    [
      'Authorization: Bearer abcdefghijklmnopqrst.u-v_w==, x',
      'Authorization: Bearer [redacted], x',
    ],
    ['Basic am9objpzM2NyZXQtc2VjcmV0', 'Basic [redacted]'],
    ['Authorization: Basic am9objpzM2NyZXQ=', 'Authorization: Basic [redacted]'],
    ['authorization: bearer abc.def', 'authorization: bearer [redacted]'],
    ['{"Authorization":"Basic eDp5"}', '{"Authorization":"Basic [redacted]"}'],
    ["[ 'Authorization', 'Basic eDp5' ]", "[ 'Authorization', 'Basic [redacted]' ]"],
    ["--from 'postgres://orders:pa/ss@host/db'", "--from 'postgres://[redacted]@host/db'"],
    ['amqp://u:p#w@a,amqp://u:p?w@b', 'amqp://[redacted]@b'],
    ['redis://:1234567/@host', 'redis://[redacted]@host'],
    ['http://u:p@host/users/john@example.com', 'http://[redacted]@host/users/john@example.com'],
    [
      'https://shop/x?a=1&api_key=s3cret&Password=s3cret#f ?token=s3cret',
      'https://shop/x?a=1&api_key=[redacted]&Password=[redacted]#f ?token=[redacted]',
    ],
  ])('changes %j', (message, redacted) => {
    expect(redactCredentials(message)).toBe(redacted);
  });

  it.each([
    'Listening on http://localhost:8000, documentation at /docs',
    '{"url":"http://localhost","email":"john@example.com"}',
    'http://localhost/users/john@example.com?to=a@b',
    'http://localhost:8000/users/john@example.com http://[::1]:8000/users/john@example.com',
    'http://localhost:8000?to=john@example.com&keys=1 monkey=2',
    'at file:///srv/node_modules/@nestjs/core/router.js:1:2',
    'Basic authentication is not supported, Bearer tokens are',
  ])('keeps %j', (message) => {
    expect(redactCredentials(message)).toBe(message);
  });

  it.each([
    ':/',
    '://',
    '://x',
    'x://y:',
    'x://y:@',
    'x://y:80/',
    '"x://y:',
    'Basic ',
    '?a_',
    '\\',
  ])('takes linear time for many %j', (part) => {
    const cpuMs = cpuMsOf(() => {
      for (const end of ['', '@', '=']) redactCredentials(`?@:/${part.repeat(100_000)}${end}`);
    });
    expect(cpuMs).toBeLessThan(5_000); // quadratic time would be minutes
  });
});

describe('redactTokens', () => {
  const signature = 'x'.repeat(43);

  it.each([
    [`/orders/eyJhbGciOiJIUzI1NiJ9.${'p'.repeat(90)}.${signature}`, '/orders/[redacted]'],
    [`/metrics/${'0a'.repeat(16)}/x`, '/metrics/[redacted]/x'],
    [`/metrics/${'a+'.repeat(16)}=`, '/metrics/[redacted]='],
    [
      '/stock/4b4b2f43-3d0d-4d0a-9c6a-6f3f0a3f7f0e/reservations',
      '/stock/4b4b2f43-3d0d-4d0a-9c6a-6f3f0a3f7f0e/reservations',
    ],
    [`/x;token=${'k'.repeat(22)}.0.${signature};y=1`, '/x;token=[redacted];y=1'],
    [`/${'name.'.repeat(20)}`, `/${'name.'.repeat(20)}`],
    ['/problems/idempotency_in_progress', '/problems/idempotency_in_progress'],
  ])('of %s', (path, redacted) => {
    expect(redactTokens(path)).toBe(redacted);
  });
});

describe('isLikeToken', () => {
  it.each([
    [`${'k'.repeat(22)}.0.${'x'.repeat(43)}`, true],
    [`eyJhbGciOiJIUzI1NiJ9.e30.${'x'.repeat(43)}`, true],
    ['4b4b2f43-3d0d-4d0a-9c6a-6f3f0a3f7f0e', false],
    ['0a'.repeat(16), false], // as nginx makes them
    ['web.checkout.42', false],
  ])('of %s is %s', (value, expected) => {
    expect(isLikeToken(value)).toBe(expected);
  });
});
