import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { AppConfig } from '../src/config/app-config';
import { User } from '../src/users/user.entity';
import { type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

describe('GET /users/me', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;
  let other: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
    other = await app.api.signUp();
  });

  const getMe = (authorization: string) =>
    app.api.get('/users/me').set('Authorization', authorization);

  /** Makes a token with the given header and claims, signed with the server's secret. */
  function mint(claims: object, header: object = { alg: 'HS256' }, hash = 'sha256'): string {
    const content = [{ ...headerOf(user.token!), alg: undefined, ...header }, claims]
      .map(encode)
      .join('.');
    const { secret } = app.nest.get(AppConfig).auth;
    return `${content}.${createHmac(hash, secret).update(content).digest('base64url')}`;
  }

  /** The claims that the server issues for the user, changed by `others`. */
  function claims(others: object = {}): object {
    const now = secondsFromNow(0);
    const { sid, iss, aud } = claimsOf(user.token!);
    return { sub: String(user.userId), sid, iss, aud, iat: now, exp: now + 900, ...others };
  }

  it('requires authentication', async () => {
    const response = await app.api.get('/users/me');
    expectProblem(response, 401, 'unauthenticated');
    expect(response.headers['www-authenticate']).toBe('Bearer realm="orders"');
  });

  it('returns the account of the token', async () => {
    const response = await user.get('/users/me');
    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      id: user.userId,
      name: 'User',
      email: user.email,
      role: 'customer',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  it('returns to each user their own account', async () => {
    expect((await other.get('/users/me').expect(200)).body.id).toBe(other.userId);
    expect((await user.get('/users/me').expect(200)).body.id).toBe(user.userId);
  });

  it('accepts a token of the test that is signed like those of the server', async () => {
    const response = await getMe(`Bearer ${mint(claims())}`);
    expect(response.status).toBe(200);
    expect(response.body.id).toBe(user.userId);
  });

  it('rejects a valid token with a suffix', async () => {
    expectProblem(await getMe(`Bearer ${user.token} more`), 401, 'invalid_token');
  });

  it('accepts the scheme in any case', async () => {
    await getMe(`bearer ${user.token}`).expect(200);
  });

  it.each<[string, () => string]>([
    ['no value', () => ''],
    ['a scheme without a token', () => 'Bearer'],
    ['a token without a scheme', () => String(user.token)],
    ['basic credentials', () => `Basic ${Buffer.from('user:password').toString('base64')}`],
    ['a valid token under another scheme', () => `Token ${user.token}`],
  ])('requires a bearer token when Authorization has %s', async (_, authorization) => {
    const response = await getMe(authorization());
    expectProblem(response, 401, 'unauthenticated');
    expect(response.headers['www-authenticate']).toBe('Bearer realm="orders"');
  });

  it.each(['access_token', 'token', 'auth_token', 'jwt'])(
    'ignores a token in the query parameter %s',
    async (name) => {
      const response = await app.api.get(`/users/me?${name}=${user.token}`);
      expectProblem(response, 401, 'unauthenticated');
    },
  );

  it('ignores a token in a cookie', async () => {
    const response = await app.api.get('/users/me').set('Cookie', `access_token=${user.token}`);
    expectProblem(response, 401, 'unauthenticated');
  });

  it.each<[string, () => string]>([
    ['is malformed', () => 'x'],
    ['has empty parts', () => '..'],
    ['has no signature', () => mint(claims()).replace(/[^.]+$/, '')],
    ['names the algorithm none', () => unsigned({ alg: 'none' }, claims())],
    ['names the algorithm NoNe', () => unsigned({ alg: 'NoNe' }, claims())],
    ['names the algorithm none, but is signed', () => mint(claims(), { alg: 'none' })],
    ['is signed with HS384', () => mint(claims(), { alg: 'HS384' }, 'sha384')],
    ['is signed with HS512', () => mint(claims(), { alg: 'HS512' }, 'sha512')],
    ['has an RS256 header over an HMAC', () => mint(claims(), { alg: 'RS256' })],
    ['has no algorithm in its header', () => mint(claims(), {})],
    ['is signed with another secret', () => withOtherSecret(claims())],
    ['has expired', () => mint(claims({ exp: secondsFromNow(-1) }))],
    ['is not valid yet', () => mint(claims({ nbf: secondsFromNow(60) }))],
    ['has a string as its expiry', () => mint(claims({ exp: 'never' }))],
    ['has a flipped bit in its header', () => flipBit(user.token!, 0)],
    ['has a flipped bit in its claims', () => flipBit(user.token!, 1)],
    ['has a flipped bit in its signature', () => flipBit(user.token!, 2)],
    [
      'has the claims of another token',
      () => withClaims(user.token!, claims({ sub: '4294967296' })),
    ],
    ['has a fourth part', () => `${user.token}.x`],
    ['names a user that does not exist', () => mint(claims({ sub: '4294967296' }))],
    ['names another user than its session', () => mint(claims({ sub: String(other.userId) }))],
    ['names no session', () => mint(claims({ sid: undefined }))],
    ['names a session that does not exist', () => mint(claims({ sid: randomUUID() }))],
    ['names an object as its session', () => mint(claims({ sid: { $ne: null } }))],
    ['is from another issuer', () => mint(claims({ iss: 'another issuer' }))],
    ['is from no issuer', () => mint(claims({ iss: undefined }))],
    ['is for another audience', () => mint(claims({ aud: 'another audience' }))],
    ['is for no audience', () => mint(claims({ aud: undefined }))],
    ['has another type', () => mint(claims(), { alg: 'HS256', typ: 'JWT' })],
    ['has no type', () => mint(claims(), { alg: 'HS256', typ: undefined })],
    ['names another key', () => mint(claims(), { alg: 'HS256', kid: 'another' })],
    ['names no key', () => mint(claims(), { alg: 'HS256', kid: undefined })],
    ['names the key __proto__', () => mint(claims(), { alg: 'HS256', kid: '__proto__' })],
    [
      'names an object as its key',
      () => mint(claims(), { alg: 'HS256', kid: { toString: 1, valueOf: 1 } }),
    ],
    [
      'names deeply nested arrays as its key',
      () =>
        mint(claims(), {
          alg: 'HS256',
          kid: JSON.parse('['.repeat(4_000) + ']'.repeat(4_000)) as unknown,
        }),
    ],
    ['is a refresh token', () => user.refreshToken],
    ['names no user', () => mint(claims({ sub: undefined }))],
    ['names a user id that is not a number', () => mint(claims({ sub: 'abc' }))],
    ['names a user id that is too large', () => mint(claims({ sub: '9223372036854775808' }))],
    ['names a user id that is a fraction', () => mint(claims({ sub: '1.5' }))],
  ])('rejects a token that %s', async (_, token) => {
    const response = await getMe(`Bearer ${token()}`);
    expectProblem(response, 401, 'invalid_token');
    expect(response.body.detail).toBe('Could not validate credentials');
    expect(response.headers['www-authenticate']).toMatch(
      /^Bearer realm="orders", error="invalid_token", error_description="The [a-z ]+"$/,
    );
  });

  it.each<[string, string, () => string]>([
    ['expired', 'The access token expired', () => mint(claims({ exp: secondsFromNow(-1) }))],
    [
      'session_ended',
      'The session of the access token has ended',
      () => mint(claims({ sid: randomUUID() })),
    ],
    ['invalid', 'The access token is invalid', () => flipBit(user.token!, 2)],
    ['invalid', 'The access token is invalid', () => withOtherSecret(claims({ exp: 1 }))],
    ['invalid', 'The access token is invalid', () => mint(claims({ sub: String(other.userId) }))],
  ])('returns the reason %s for a rejected token: %s', async (reason, description, token) => {
    const response = await getMe(`Bearer ${token()}`);
    expect(response.body).toMatchObject({ code: 'invalid_token', reason });
    expect(response.headers['www-authenticate']).toBe(
      `Bearer realm="orders", error="invalid_token", error_description="${description}"`,
    );
  });

  it('rejects the token of a deleted user', async () => {
    const deleted = await app.api.signUp();
    await deleted.get('/users/me').expect(200);
    await app.dataSource.getRepository(User).delete(deleted.userId);

    const response = await deleted.get('/users/me');
    expectProblem(response, 401, 'invalid_token');
  });

  it('rejects a token of 20 KB, and keeps serving', async () => {
    const response = await getMe(`Bearer ${'x'.repeat(20_000)}`);
    expect(response.status).toBe(431);
    await user.get('/users/me').expect(200);
  });
});

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function headerOf(token: string): Record<string, unknown> {
  return decodePart(token, 0);
}

function claimsOf(token: string): Record<string, unknown> {
  return decodePart(token, 1);
}

function decodePart(token: string, index: number): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[index]!, 'base64url').toString());
}

function unsigned(header: object, claims: object): string {
  return `${encode(header)}.${encode(claims)}.`;
}

function withOtherSecret(claims: object): string {
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  const signature = createHmac('sha256', randomBytes(32)).update(content).digest('base64url');
  return `${content}.${signature}`;
}

function withClaims(token: string, claims: object): string {
  const [header, , signature] = token.split('.');
  return `${header}.${encode(claims)}.${signature}`;
}

/** Flips one bit in the middle of the header (0), the claims (1) or the signature (2). */
function flipBit(token: string, part: 0 | 1 | 2): string {
  const parts = token.split('.').map((encoded) => Buffer.from(encoded, 'base64url'));
  const bytes = parts[part]!;
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  return parts.map((buffer) => buffer.toString('base64url')).join('.');
}

/** In the unit of `exp` and `nbf` (RFC 7519, section 2). */
function secondsFromNow(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}
