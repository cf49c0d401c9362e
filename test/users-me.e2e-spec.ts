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

  const showMe = (authorization: string) =>
    app.api.get('/users/me').set('Authorization', authorization);

  /** A token with exactly this header and these claims, signed with the server's own secret. */
  function mint(claims: object, header: object = { alg: 'HS256' }, hash = 'sha256'): string {
    const content = [{ ...headerOf(user.token!), alg: undefined, ...header }, claims]
      .map(encode)
      .join('.');
    const { secret } = app.nest.get(AppConfig).auth;
    return `${content}.${createHmac(hash, secret).update(content).digest('base64url')}`;
  }

  /** Claims of the user, as they are issued unless a test wants others. */
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

  it('shows the account that the token belongs to', async () => {
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

  it('shows every user their own account', async () => {
    expect((await other.get('/users/me').expect(200)).body.id).toBe(other.userId);
    expect((await user.get('/users/me').expect(200)).body.id).toBe(user.userId);
  });

  it('takes a token that was signed the way it signs them itself', async () => {
    const response = await showMe(`Bearer ${mint(claims())}`);
    expect(response.status).toBe(200);
    expect(response.body.id).toBe(user.userId);
  });

  it('refuses a valid token with something after it', async () => {
    expectProblem(await showMe(`Bearer ${user.token} more`), 401, 'invalid_token');
  });

  it('takes the scheme in any case', async () => {
    await showMe(`bearer ${user.token}`).expect(200);
  });

  it.each<[string, () => string]>([
    ['no text', () => ''],
    ['a scheme without a token', () => 'Bearer'],
    ['a token without a scheme', () => String(user.token)],
    ['basic credentials', () => `Basic ${Buffer.from('user:password').toString('base64')}`],
    ['a valid token under another scheme', () => `Token ${user.token}`],
  ])('asks for a bearer token when Authorization has %s', async (_, authorization) => {
    const response = await showMe(authorization());
    expectProblem(response, 401, 'unauthenticated');
    expect(response.headers['www-authenticate']).toBe('Bearer realm="orders"');
  });

  it.each(['access_token', 'token', 'auth_token', 'jwt'])(
    'takes no token from the query parameter %s',
    async (name) => {
      const response = await app.api.get(`/users/me?${name}=${user.token}`);
      expectProblem(response, 401, 'unauthenticated');
    },
  );

  it('takes no token from a cookie', async () => {
    const response = await app.api.get('/users/me').set('Cookie', `access_token=${user.token}`);
    expectProblem(response, 401, 'unauthenticated');
  });

  it.each<[string, () => string]>([
    ['is no token at all', () => 'x'],
    ['has empty parts', () => '..'],
    ['has no signature', () => mint(claims()).replace(/[^.]+$/, '')],
    ['says that it is not signed', () => unsigned({ alg: 'none' }, claims())],
    ['says so in other letters', () => unsigned({ alg: 'NoNe' }, claims())],
    ['says so, and is signed', () => mint(claims(), { alg: 'none' })],
    ['is signed with HS384', () => mint(claims(), { alg: 'HS384' }, 'sha384')],
    ['is signed with HS512', () => mint(claims(), { alg: 'HS512' }, 'sha512')],
    ['has an RS256 header over an HMAC', () => mint(claims(), { alg: 'RS256' })],
    ['has no algorithm in its header', () => mint(claims(), {})],
    ['is signed with another secret', () => withOtherSecret(claims())],
    ['has expired', () => mint(claims({ exp: secondsFromNow(-1) }))],
    ['is not valid yet', () => mint(claims({ nbf: secondsFromNow(60) }))],
    ['has text for its expiry', () => mint(claims({ exp: 'never' }))],
    ['has a flipped bit in its header', () => flipBit(user.token!, 0)],
    ['has a flipped bit in its claims', () => flipBit(user.token!, 1)],
    ['has a flipped bit in its signature', () => flipBit(user.token!, 2)],
    [
      'has the claims of another token',
      () => withClaims(user.token!, claims({ sub: '4294967296' })),
    ],
    ['has a fourth part', () => `${user.token}.x`],
    ['is about a user who does not exist', () => mint(claims({ sub: '4294967296' }))],
    ['is about another user than its session', () => mint(claims({ sub: String(other.userId) }))],
    ['is of no session', () => mint(claims({ sid: undefined }))],
    ['is of a session that does not exist', () => mint(claims({ sid: randomUUID() }))],
    ['is of a session that is an object', () => mint(claims({ sid: { $ne: null } }))],
    ['is from another issuer', () => mint(claims({ iss: 'somebody else' }))],
    ['is from no issuer', () => mint(claims({ iss: undefined }))],
    ['is for another audience', () => mint(claims({ aud: 'somebody else' }))],
    ['is for nobody', () => mint(claims({ aud: undefined }))],
    ['is of another type', () => mint(claims(), { alg: 'HS256', typ: 'JWT' })],
    ['is of no type', () => mint(claims(), { alg: 'HS256', typ: undefined })],
    ['names another key', () => mint(claims(), { alg: 'HS256', kid: 'another' })],
    ['names no key', () => mint(claims(), { alg: 'HS256', kid: undefined })],
    [
      'names a key like a member of every object',
      () => mint(claims(), { alg: 'HS256', kid: '__proto__' }),
    ],
    [
      'names a key by what is no text',
      () => mint(claims(), { alg: 'HS256', kid: { toString: 1, valueOf: 1 } }),
    ],
    [
      'names a key by deep lists',
      () =>
        mint(claims(), {
          alg: 'HS256',
          kid: JSON.parse('['.repeat(4_000) + ']'.repeat(4_000)) as unknown,
        }),
    ],
    ['is a refresh token', () => user.refreshToken],
    ['is about nobody', () => mint(claims({ sub: undefined }))],
    ['is about a user whose id is no number', () => mint(claims({ sub: 'abc' }))],
    ['is about a user whose id is too large', () => mint(claims({ sub: '9223372036854775808' }))],
    ['is about a user whose id is a fraction', () => mint(claims({ sub: '1.5' }))],
  ])('refuses a token that %s', async (_, token) => {
    const response = await showMe(`Bearer ${token()}`);
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
  ])('gives the reason %s for a refused token: %s', async (reason, description, token) => {
    const response = await showMe(`Bearer ${token()}`);
    expect(response.body).toMatchObject({ code: 'invalid_token', reason });
    expect(response.headers['www-authenticate']).toBe(
      `Bearer realm="orders", error="invalid_token", error_description="${description}"`,
    );
  });

  it('refuses the token of a deleted user', async () => {
    const deleted = await app.api.signUp();
    await deleted.get('/users/me').expect(200);
    await app.dataSource.getRepository(User).delete(deleted.userId);

    const response = await deleted.get('/users/me');
    expectProblem(response, 401, 'invalid_token');
  });

  it('survives a token of 20 KB', async () => {
    const response = await showMe(`Bearer ${'x'.repeat(20_000)}`);
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

/** Changes one bit in the middle of the header (0), the claims (1) or the signature (2). */
function flipBit(token: string, part: 0 | 1 | 2): string {
  const parts = token.split('.').map((text) => Buffer.from(text, 'base64url'));
  const bytes = parts[part]!;
  const middle = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  return parts.map((buffer) => buffer.toString('base64url')).join('.');
}

/** In the unit of `exp` and `nbf` (RFC 7519, section 2). */
function secondsFromNow(seconds: number): number {
  return Math.floor(Date.now() / 1000) + seconds;
}
