import type { Response } from 'supertest';
import { ServiceUnavailableError } from '../src/errors/common.errors';
import { PasswordHasher } from '../src/auth/password-hasher';
import { expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

describe('POST /auth/login', () => {
  const app = TestApp.forSuite();

  const email = 'john@example.com';
  const password = 'secure123';

  beforeAll(async () => {
    await app.api.post('/auth/register', { name: 'John', email, password }).expect(201);
  });

  afterEach(() => jest.restoreAllMocks());

  const logIn = (credentials: object) => app.api.post('/auth/login', credentials);

  it('exchanges e-mail and password for a token that protected routes accept', async () => {
    const response = await logIn({ email, password });

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'bearer',
      expires_in: 900,
      refresh_token: expect.any(String),
      refresh_expires_in: 7 * 24 * 60 * 60,
    });
    const me = await app.api.withToken(response.body.access_token).get('/users/me').expect(200);
    expect(me.body).toMatchObject({ email });
  });

  it('issues a token that names the user and the session, expires as documented, and has no other claims', async () => {
    const { access_token, expires_in } = (await logIn({ email, password }).expect(200)).body;
    const me = await app.api.withToken(access_token).get('/users/me').expect(200);

    const [header, claims] = decode(access_token);
    expect(header).toEqual({ alg: 'HS256', typ: 'at+jwt', kid: expect.any(String) });
    expect(claims).toEqual({
      sub: String(me.body.id),
      sid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iss: 'order-management-api',
      aud: 'order-management-api',
      iat: expect.any(Number),
      exp: Number(claims?.['iat']) + Number(expires_in),
    });
  });

  it.each([
    ['in upper case', 'JOHN@EXAMPLE.COM'],
    ['between spaces', '  john@example.com '],
  ])('finds the account by its address %s', async (_, address) => {
    await logIn({ email: address, password }).expect(200);
  });

  it('rejects a wrong password', async () => {
    const response = await logIn({ email, password: 'secure124' });
    expectProblem(response, 401, 'invalid_credentials');
    expect(response.body.detail).toBe('Invalid email or password');
    expect(response.headers['www-authenticate']).toMatch(/^Bearer /);
  });

  it('responds identically to an unknown address and to a wrong password', async () => {
    const unknown = await logIn({ email: 'nobody@example.com', password });
    const wrong = await logIn({ email, password: 'secure124' });
    expect(withoutDateAndId(unknown)).toEqual(withoutDateAndId(wrong));
  });

  it('checks a password even for an unknown address, so that both take the same time', async () => {
    const matches = jest.spyOn(app.nest.get(PasswordHasher), 'matches');
    await logIn({ email: 'nobody@example.com', password }).expect(401);
    expect(matches.mock.calls).toEqual([
      [password, expect.stringMatching(/^\$2[ab]\$\d\d\$.{53}$/), expect.anything()],
    ]);
  });

  it('returns 503 with Retry-After when too many logins are waiting', async () => {
    jest
      .spyOn(app.nest.get(PasswordHasher), 'matches')
      .mockRejectedValueOnce(new ServiceUnavailableError());
    const response = await logIn({ email, password });
    expectProblem(response, 503, 'service_unavailable');
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
  });

  it.each([
    ['other case', 'Secure123'],
    ['a blank before it', ' secure123'],
    ['a blank after it', 'secure123 '],
    ['a NUL after it', 'secure123\0'],
    ['a NUL and itself after it', 'secure123\0secure123'],
    ['no characters', ''],
    ['90,000 characters', 'x'.repeat(90_000)],
    ['half of a surrogate pair', 'secure\ud83d123'],
  ])('rejects the password with %s', async (_, wrong) => {
    expectProblem(await logIn({ email, password: wrong }), 401, 'invalid_credentials');
  });

  it.each([
    ['ASCII', 'x'.repeat(72)],
    ['characters of three bytes', '€'.repeat(24)],
  ])('compares all 72 bytes of a password in %s, and rejects a longer one', async (_, longest) => {
    const address = `long${longest.length}@example.com`;
    await app.api
      .post('/auth/register', { name: 'John', email: address, password: longest })
      .expect(201);

    await logIn({ email: address, password: longest }).expect(200);
    const response = await logIn({ email: address, password: `${longest}x` });
    expectProblem(response, 401, 'invalid_credentials');
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['a list', [email]],
    ['an object', { $ne: null }],
    ['an empty string', ''],
    ['no address', 'john'],
    ['255 characters', `${'j'.repeat(64)}@${'e'.repeat(187)}.co`],
    ['a look-alike of a letter', 'j\u043ehn@example.com'],
    ['a NUL', 'john@example.com\0'],
    ['half of a surrogate pair', 'john\ud83d@example.com'],
  ])('rejects an e-mail address of %s', async (_, address) => {
    const response = await logIn({ email: address, password });
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'email', message: expect.any(String) }]);
  });

  it('does not treat a Kelvin sign as the letter k', async () => {
    const account = { name: 'Kate', email: 'kate@example.com', password };
    await app.api.post('/auth/register', account).expect(201);

    const response = await logIn({ email: '\u212aate@example.com', password });
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'email', message: expect.any(String) }]);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 12345678],
    ['a list', [password]],
    ['an object', { $ne: null }],
    ['true', true],
  ])('rejects a password of %s', async (_, value) => {
    const response = await logIn({ email, password: value });
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'password', message: expect.any(String) }]);
  });

  it.each(['role', 'user_id', 'id', 'name'])('rejects the unknown field %s', async (field) => {
    const response = await logIn({ email, password, [field]: 'admin' });
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field, message: expect.any(String) }]);
  });
});

/** The header and the claims of a token. */
function decode(token: string): Record<string, unknown>[] {
  const parts = token.split('.').slice(0, 2);
  return parts.map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
}

/** A response without its date and its request id. */
function withoutDateAndId({ status, headers, body }: Response): object {
  const { date: _date, 'x-request-id': _id, ...rest } = headers as Record<string, string>;
  return { status, headers: rest, body: { ...body, request_id: '' } };
}
