import { PasswordHasher } from '../src/auth/password-hasher';
import { User } from '../src/users/user.entity';
import { PASSWORD, type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

describe('POST /auth/password', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  afterEach(() => jest.restoreAllMocks());

  const NEW = 'battery staple';

  const change = (current_password: unknown, new_password: unknown) =>
    user.post('/auth/password', { current_password, new_password });

  const refresh = (refresh_token: string) => app.api.post('/auth/refresh', { refresh_token });

  const logIn = (password: string) => app.api.post('/auth/login', { email: user.email, password });

  it('requires authentication', async () => {
    const body = { current_password: PASSWORD, new_password: NEW };
    expectProblem(await app.api.post('/auth/password', body), 401, 'unauthenticated');
  });

  it('changes the password, and returns tokens as a login does', async () => {
    const response = await change(PASSWORD, NEW);
    expect(response.status).toBe(200);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.body).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'bearer',
      expires_in: 900,
      refresh_token: expect.any(String),
      refresh_expires_in: 7 * 24 * 60 * 60,
    });
    expectProblem(await logIn(PASSWORD), 401, 'invalid_credentials');
    await logIn(NEW).expect(200);
  });

  it('ends every other session of the user at once, and no session of another user', async () => {
    const other = await app.api.logIn(user.email);
    await app.api.withToken(other.access_token).get('/users/me').expect(200);
    const stranger = await app.api.signUp();

    const { body } = await change(PASSWORD, NEW).expect(200);

    const response = await app.api.withToken(other.access_token).get('/users/me');
    expectProblem(response, 401, 'invalid_token');
    const refreshed = await app.api.post('/auth/refresh', { refresh_token: other.refresh_token });
    expectProblem(refreshed, 401, 'refresh_token_invalid');
    await app.api.withToken(body.access_token).get('/users/me').expect(200);
    await stranger.get('/users/me').expect(200);
  });

  it('ends the old tokens of the current session at once, and keeps the session', async () => {
    const before = await user.get('/auth/sessions').expect(200);
    const { body } = await change(PASSWORD, NEW).expect(200);

    const response = await user.get('/users/me');
    expectProblem(response, 401, 'invalid_token');
    expect(response.body.reason).toBe('session_ended');
    const refreshed = await refresh(user.refreshToken);
    expectProblem(refreshed, 401, 'refresh_token_invalid');

    const after = await app.api.withToken(body.access_token).get('/auth/sessions').expect(200);
    const { id, created_at } = before.body.data[0];
    expect(after.body.data).toEqual([expect.objectContaining({ id, created_at, current: true })]);
    const next = await refresh(body.refresh_token).expect(200);
    await app.api.withToken(next.body.access_token).get('/users/me').expect(200);
  });

  it('ends the tokens of a concurrent refresh with a copied token', async () => {
    let passwords = [PASSWORD, NEW];
    for (let round = 0; round < 10; round++) {
      const { access_token, refresh_token } = await app.api.logIn(user.email, passwords[0]);
      const owner = app.api.withToken(access_token);
      const [current_password, new_password] = passwords;
      const [changed, copied] = await Promise.all([
        owner.post('/auth/password', { current_password, new_password }).expect(200),
        refresh(refresh_token).then((response) => response),
      ]);
      if (copied.status === 200) {
        const thief = app.api.withToken(copied.body.access_token);
        expectProblem(await thief.get('/users/me'), 401, 'invalid_token');
        expectProblem(await refresh(copied.body.refresh_token), 401, 'refresh_token_invalid');
      }
      await app.api.withToken(changed.body.access_token).get('/users/me').expect(200);
      passwords = passwords.toReversed();
    }
  });

  it('changes nothing when the session ends meanwhile', async () => {
    const other = await app.api.logIn(user.email);
    const hasher = app.nest.get(PasswordHasher);
    const hash = hasher.hash.bind(hasher);
    jest.spyOn(hasher, 'hash').mockImplementationOnce(async (...given) => {
      await user.post('/auth/logout').expect(204);
      return hash(...given);
    });
    const response = await change(PASSWORD, NEW);
    expectProblem(response, 401, 'invalid_token');
    expect(response.body.reason).toBe('session_ended');
    await logIn(PASSWORD).expect(200);
    await app.api.withToken(other.access_token).get('/users/me').expect(200);
  });

  it('requires the current password', async () => {
    const other = await app.api.logIn(user.email);
    expectProblem(await change('wrong password', NEW), 401, 'invalid_credentials');
    await logIn(PASSWORD).expect(200);
    await app.api.withToken(other.access_token).get('/users/me').expect(200);
  });

  it('accepts one of several concurrent changes', async () => {
    const passwords = Array.from({ length: 5 }, (_, index) => `new password ${index}`);
    const changes = await Promise.all(passwords.map((password) => change(PASSWORD, password)));
    expect(changes.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200, 401, 401, 401, 401,
    ]);
    const logins = await Promise.all(passwords.map((password) => logIn(password)));
    const winner = changes.findIndex(({ status }) => status === 200);
    expect(logins.findIndex(({ status }) => status === 200)).toBe(winner);
  });

  it('rejects a login with the old password that began before the change', async () => {
    const hasher = app.nest.get(PasswordHasher);
    const matches = hasher.matches.bind(hasher);
    let token = '';
    jest.spyOn(hasher, 'matches').mockImplementationOnce(async (...given) => {
      const result = await matches(...given);
      token = (await change(PASSWORD, NEW).expect(200)).body.access_token;
      return result;
    });
    expectProblem(await logIn(PASSWORD), 401, 'invalid_credentials');
    const { body } = await app.api.withToken(token).get('/auth/sessions').expect(200);
    expect(body.data).toHaveLength(1);
  });

  it('logs the change, without passwords', async () => {
    await change(PASSWORD, NEW).expect(200);
    const event = { event: 'password_changed', user_id: user.userId };
    expect(app.logLines).toContainEqual(expect.objectContaining(event));
    expect(JSON.stringify(app.logLines)).not.toMatch(new RegExp(`${NEW}|${PASSWORD}`));
  });

  it('hashes a password again at the next login when the cost was raised, once', async () => {
    const users = app.dataSource.getRepository(User);
    const hashOf = async () => (await users.findOneByOrFail({ id: user.userId })).passwordHash;
    const cheap = (await hashOf()).replace(/^(\$2[ab])\$04/, '$1$03');
    expect(cheap).toMatch(/\$03\$/);
    await users.update(user.userId, { passwordHash: cheap });
    jest.spyOn(app.nest.get(PasswordHasher), 'matches').mockResolvedValueOnce(true);
    await logIn(PASSWORD).expect(200);
    const upgraded = await hashOf();
    expect(upgraded).toMatch(/^\$2[ab]\$04\$/);
    await logIn(PASSWORD).expect(200);
    expect(await hashOf()).toBe(upgraded);
  });

  it.each([
    ['ASCII', 'x'.repeat(72)],
    ['characters of three bytes', '€'.repeat(24)],
  ])('accepts 72 bytes in %s, and rejects 73', async (_, longest) => {
    expectProblem(await change(PASSWORD, `${longest}x`), 400, 'validation_failed');
    const { body } = await change(PASSWORD, longest).expect(200);
    await logIn(longest).expect(200);
    const passwords = { current_password: `${longest}x`, new_password: NEW };
    const changed = app.api.withToken(body.access_token).post('/auth/password', passwords);
    expectProblem(await changed, 401, 'invalid_credentials');
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 12345678],
    ['a list', [PASSWORD]],
    ['an object', { $ne: null }],
    ['7 characters', 'seven77'],
    ['a NUL in it', 'secure\x00123'],
    ['half of a surrogate pair', 'secure\ud83d123'],
  ])('rejects a new password of %s', async (_, password) => {
    const response = await change(PASSWORD, password);
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'new_password', message: expect.any(String) }]);
    await logIn(PASSWORD).expect(200);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 12345678],
    ['a list', [PASSWORD]],
    ['an object', { $ne: null }],
  ])('rejects a current password of %s', async (_, password) => {
    const response = await change(password, NEW);
    expectProblem(response, 400, 'validation_failed');
    const error = { field: 'current_password', message: expect.any(String) };
    expect(response.body.errors).toEqual([error]);
  });

  it('rejects unknown fields', async () => {
    const body = { current_password: PASSWORD, new_password: NEW, user_id: 1 };
    expectProblem(await user.post('/auth/password', body), 400, 'validation_failed');
  });
});
