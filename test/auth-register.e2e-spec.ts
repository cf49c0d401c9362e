import { expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

describe('POST /auth/register', () => {
  const app = TestApp.forSuite();

  /** Registers an account with default values for the fields that are not given. */
  const register = (account: object) =>
    app.api.post('/auth/register', {
      name: 'John',
      email: 'john@example.com',
      password: 'secure123',
      ...account,
    });

  it('registers an account, without its password in the response', async () => {
    const response = await register({ email: 'first@example.com' });

    expect(response.status).toBe(201);
    expect(response.body).toEqual({
      id: expect.any(Number),
      name: 'John',
      email: 'first@example.com',
      role: 'customer',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  it('registers an account that can log in at once', async () => {
    await register({ email: 'second@example.com', password: 'a good password' }).expect(201);

    const { access_token } = await app.api.logIn('second@example.com', 'a good password');
    const me = await app.api.withToken(access_token).get('/users/me').expect(200);
    expect(me.body).toMatchObject({ email: 'second@example.com', role: 'customer' });
  });

  it('stores the e-mail address trimmed and in lower case', async () => {
    const response = await register({ email: '  Mixed.Case@EXAMPLE.com ' });
    expect(response.status).toBe(201);
    expect(response.body.email).toBe('mixed.case@example.com');
  });

  it.each([
    ['the same address', 'taken@example.com'],
    ['the address in upper case', 'TAKEN@EXAMPLE.COM'],
    ['the address between spaces', ' taken@example.com '],
  ])('rejects a second account with %s', async (_, email) => {
    await register({ email: 'taken@example.com' });

    const response = await register({ email });
    expectProblem(response, 409, 'email_taken');
    expect(response.body.detail).toBe('Email already registered');
  });

  it('accepts one of several concurrent registrations of an address', async () => {
    const responses = await Promise.all(
      Array.from({ length: 8 }, () => register({ email: 'race@example.com' })),
    );

    const winners = responses.filter(({ status }) => status === 201);
    const losers = responses.filter(({ status }) => status !== 201);
    expect(winners).toHaveLength(1);
    for (const loser of losers) expectProblem(loser, 409, 'email_taken');
  });

  it('reports every missing field', async () => {
    const response = await app.api.post('/auth/register', {});
    expectProblem(response, 400, 'validation_failed');
    const fields = (response.body.errors as { field: string }[]).map(({ field }) => field);
    expect(fields.toSorted()).toEqual(['email', 'name', 'password']);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['a list', ['John']],
    ['an object', { $ne: null }],
    ['an empty string', ''],
    ['blanks', ' \u00a0\u3000'],
    ['101 characters', 'x'.repeat(101)],
    ['a NUL', 'Jo\0hn'],
    ['a line break', 'Jo\nhn'],
    ['half of a surrogate pair', 'Jo\ud83dhn'],
  ])('rejects a name of %s', async (_, name) => {
    const response = await register({ name });
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'name', message: expect.any(String) }]);
  });

  it.each([
    ['100 letters', 'x'.repeat(100), 'letters@example.com'],
    ['100 emoji', '🙂'.repeat(100), 'emoji@example.com'],
    ['another script', 'Ольга 王', 'script@example.com'],
  ])('accepts a name of %s', async (_, name, email) => {
    const response = await register({ name, email });
    expect(response.status).toBe(201);
    expect(response.body.name).toBe(name);
  });

  /** The longest valid address: 64 characters, `@`, and 189 characters. */
  const longest = `${'l'.repeat(64)}@${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(61)}`;

  it('accepts an e-mail address of 254 characters', async () => {
    expect(longest).toHaveLength(254);
    const response = await register({ email: longest });
    expect(response.status).toBe(201);
    expect(response.body.email).toBe(longest);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['a list', ['john@example.com']],
    ['an object', { $ne: null }],
    ['an empty string', ''],
    ['blanks', '   '],
    ['no at sign', 'john.example.com'],
    ['no top-level domain', 'john@example'],
    ['a blank inside', 'jo hn@example.com'],
    ['a display name', 'John <john@example.com>'],
    ['two addresses', 'john@example.com,jane@example.com'],
    ['255 characters', `${longest}c`],
    ['a Kelvin sign for a k', '\u212aate@example.com'],
    ['a dotless i', 'al\u0131ce@example.com'],
    ['a long s', 'ro\u017fe@example.com'],
    ['a domain in another script', 'john@ex\u0430mple.com'],
    ['a NUL', 'john\0@example.com'],
    ['a line break at its end', 'john@example.com\n'],
    ['half of a surrogate pair', 'john\ud83d@example.com'],
  ])('rejects an e-mail address of %s', async (_, email) => {
    const response = await register({ email });
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'email', message: expect.any(String) }]);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 12345678],
    ['a list', ['secure123']],
    ['an object', { $ne: null }],
    ['an empty string', ''],
    ['7 characters', 'secure1'],
    ['7 characters in 28 bytes', '🙂'.repeat(7)],
    ['73 bytes in ASCII', 'x'.repeat(73)],
    ['73 bytes in characters of three', `${'€'.repeat(24)}x`],
    ['a NUL', 'secure\x00123'],
    ['half of a surrogate pair', 'secure\ud83d123'],
  ])('rejects a password of %s', async (_, password) => {
    const response = await register({ password });
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'password', message: expect.any(String) }]);
  });

  it.each([
    ['8 characters', 'secure12', 'eight@example.com'],
    ['8 characters in 32 bytes', '🙂'.repeat(8), 'eight-emoji@example.com'],
    ['72 bytes in ASCII', 'x'.repeat(72), 'ascii72@example.com'],
    ['72 bytes in characters of three', '€'.repeat(24), 'euro72@example.com'],
    ['blanks at both ends', '  secure123  ', 'blanks@example.com'],
  ])('accepts a password of %s, and logs in with it', async (_, password, email) => {
    await register({ email, password }).expect(201);
    await app.api.logIn(email, password);
  });

  it.each(['role', 'id', 'is_admin', 'created_at', 'passwordHash', 'password_hash'])(
    'rejects the unknown field %s',
    async (field) => {
      const response = await register({ [field]: 'admin' });
      expectProblem(response, 400, 'validation_failed');
      expect(response.body.errors).toEqual([{ field, message: expect.any(String) }]);
    },
  );

  it('registers no account when a field is rejected', async () => {
    await register({ email: 'rejected@example.com', role: 'admin' }).expect(400);
    const response = await app.api.post('/auth/login', {
      email: 'rejected@example.com',
      password: 'secure123',
    });
    expectProblem(response, 401, 'invalid_credentials');
  });
});
