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

  it('exchanges e-mail and password for a token that opens protected routes', async () => {
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

  it('issues a token about the user, valid as long as it says, and with nothing else in it', async () => {
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

  it('refuses a wrong password', async () => {
    const response = await logIn({ email, password: 'secure124' });
    expectProblem(response, 401, 'invalid_credentials');
    expect(response.body.detail).toBe('Invalid email or password');
    expect(response.headers['www-authenticate']).toMatch(/^Bearer /);
  });

  it('gives identical answers for an unknown address and for a wrong password', async () => {
    const unknown = await logIn({ email: 'nobody@example.com', password });
    const wrong = await logIn({ email, password: 'secure124' });
    expect(withoutNames(unknown)).toEqual(withoutNames(wrong));
  });

  it('checks a password even when nobody has the address, so that both take the same time', async () => {
    const matches = jest.spyOn(app.nest.get(PasswordHasher), 'matches');
    await logIn({ email: 'nobody@example.com', password }).expect(401);
    expect(matches.mock.calls).toEqual([
      [password, expect.stringMatching(/^\$2[ab]\$\d\d\$.{53}$/), expect.anything()],
    ]);
  });

  it('answers with "try again" when too many are waiting for their passwords to be checked', async () => {
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
    ['nothing in it', ''],
    ['90,000 characters', 'x'.repeat(90_000)],
    ['half of a surrogate pair', 'secure\ud83d123'],
  ])('refuses the password with %s', async (_, wrong) => {
    expectProblem(await logIn({ email, password: wrong }), 401, 'invalid_credentials');
  });

  it.each([
    ['ASCII', 'x'.repeat(72)],
    ['characters of three bytes', '€'.repeat(24)],
  ])('takes all 72 bytes of a password in %s for it, and not one more', async (_, longest) => {
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
    ['an empty text', ''],
    ['no address', 'john'],
    ['255 characters', `${'j'.repeat(64)}@${'e'.repeat(187)}.co`],
    ['a look-alike of a letter', 'j\u043ehn@example.com'],
    ['a NUL', 'john@example.com\0'],
    ['half of a surrogate pair', 'john\ud83d@example.com'],
  ])('refuses an e-mail address of %s', async (_, address) => {
    const response = await logIn({ email: address, password });
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'email', message: expect.any(String) }]);
  });

  it('does not take a Kelvin sign for the letter k', async () => {
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
  ])('refuses a password of %s', async (_, notText) => {
    const response = await logIn({ email, password: notText });
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'password', message: expect.any(String) }]);
  });

  it.each(['role', 'user_id', 'id', 'name'])('refuses the unknown field %s', async (field) => {
    const response = await logIn({ email, password, [field]: 'admin' });
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field, message: expect.any(String) }]);
  });
});

/** Header and claims of a token. */
function decode(token: string): Record<string, unknown>[] {
  const parts = token.split('.').slice(0, 2);
  return parts.map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
}

/** All of an answer but the time and the name of the request. */
function withoutNames({ status, headers, body }: Response): object {
  const { date: _date, 'x-request-id': _id, ...rest } = headers as Record<string, string>;
  return { status, headers: rest, body: { ...body, request_id: '' } };
}
