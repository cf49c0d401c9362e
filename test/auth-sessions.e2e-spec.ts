import { LiveSessions } from '../src/auth/live-sessions';
import { UsersService } from '../src/users/users.service';
import { SessionSweep } from '../src/auth/session-sweep';
import { Session } from '../src/auth/session.entity';
import { PASSWORD, type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';
import { createTestDatabase, type TestDatabase } from './support/test-database';
import { moveWallClock, resetWallClock } from './support/wall-clock';

describe('sessions', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  const refresh = (refresh_token: string) => app.api.post('/auth/refresh', { refresh_token });

  const expectEnded = async ({ token, refreshToken }: { token: string; refreshToken: string }) => {
    expectProblem(await app.api.withToken(token).get('/users/me'), 401, 'invalid_token');
    expectProblem(await refresh(refreshToken), 401, 'refresh_token_invalid');
  };

  const logInAgain = async () => {
    const { access_token, refresh_token } = await app.api.logIn(user.email);
    const client = app.api.withToken(access_token);
    const { body } = await client.get('/auth/sessions').expect(200);
    const { id } = body.data.find(({ current }: { current: boolean }) => current);
    return { client, token: access_token, refreshToken: refresh_token, id: id as number };
  };

  describe('POST /auth/logout', () => {
    it('requires authentication', async () => {
      expectProblem(await app.api.post('/auth/logout'), 401, 'unauthenticated');
    });

    it('ends the current session at once, and no other', async () => {
      const other = await logInAgain();
      await user.get('/users/me').expect(200); // known by now

      const response = await user.post('/auth/logout');

      expect(response.status).toBe(204);
      expect(response.text).toBe('');
      await expectEnded({ token: user.token!, refreshToken: user.refreshToken });
      await other.client.get('/users/me').expect(200);
      await refresh(other.refreshToken).expect(200);
    });

    it('does not come back to life through requests that were under way', async () => {
      for (let round = 0; round < 10; round++) {
        const { client, token, refreshToken } = await logInAgain();
        await Promise.all([
          ...Array.from({ length: 5 }, () => client.get('/users/me')),
          client.post('/auth/logout').expect(204),
          ...Array.from({ length: 5 }, () => client.get('/users/me')),
        ]);
        await expectEnded({ token, refreshToken });
      }
    });

    it('answers a second logout with 401', async () => {
      await user.post('/auth/logout').expect(204);
      expectProblem(await user.post('/auth/logout'), 401, 'invalid_token');
    });

    it('takes no query', async () => {
      const response = await user.post('/auth/logout').query({ all: true });
      expectProblem(response, 400, 'validation_failed');
    });
  });

  describe('GET /auth/sessions', () => {
    it('requires authentication', async () => {
      expectProblem(await app.api.get('/auth/sessions'), 401, 'unauthenticated');
    });

    it('lists where the user is logged in, and marks the current session', async () => {
      await app.api.signUp(); // somebody else, who is not in the list
      await app.api
        .post('/auth/login', { email: user.email, password: PASSWORD })
        .set('User-Agent', 'Test/1.0')
        .expect(200);

      const { body } = await user.get('/auth/sessions').expect(200);

      const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      const session = {
        id: expect.any(Number),
        ip_address: '127.0.0.1',
        user_agent: null,
        created_at: instant,
        refreshed_at: instant,
        expires_at: instant,
      };
      expect(body).toEqual({
        data: [
          { ...session, current: false, user_agent: 'Test/1.0' },
          { ...session, current: true },
        ],
      });
    });

    it('keeps 500 characters of what a client calls itself, whatever they are', async () => {
      const name = `caf\u00e9\u0085 ${'x'.repeat(2_000)}`;
      const login = { email: user.email, password: PASSWORD };
      await app.api.post('/auth/login', login).set('User-Agent', name).expect(200);
      const { body } = await user.get('/auth/sessions').expect(200);
      const names = body.data.map(({ user_agent }: { user_agent: string | null }) => user_agent);
      const asBytes = Buffer.from(name).toString('latin1'); // headers are (RFC 9110, section 5.5)
      expect(names).toContain(asBytes.slice(0, 500));
    });

    it('shows the session last refreshed first', async () => {
      const other = await logInAgain();
      await refresh(user.refreshToken).expect(200);
      const { body } = await other.client.get('/auth/sessions').expect(200);
      expect(body.data.map(({ current }: { current: boolean }) => current)).toEqual([false, true]);
    });

    it('does not show sessions that have expired', async () => {
      const other = await logInAgain();
      await app.dataSource.getRepository(Session).update(other.id, { expiresAt: new Date(0) });
      const { body } = await user.get('/auth/sessions').expect(200);
      expect(body.data).toHaveLength(1);
    });

    it('keeps at most 100 sessions, and ends those unused for the longest time', async () => {
      const sessions = app.dataSource.getRepository(Session);
      const { id, ...columns } = await sessions.findOneByOrFail({ userId: user.userId });
      await sessions.insert(
        Array.from({ length: 99 }, (_, index) => ({
          ...columns,
          key: `${user.userId}-${index}`,
        })),
      );
      await sessions.update(id, { refreshedAt: new Date(0) });
      const { client } = await logInAgain();
      const { body } = await client.get('/auth/sessions').expect(200);
      expect(body.data).toHaveLength(100);
      await expectEnded({ token: user.token!, refreshToken: user.refreshToken });
    });
  });

  describe('DELETE /auth/sessions/{id}', () => {
    it('requires authentication', async () => {
      expectProblem(await app.api.delete('/auth/sessions/1'), 401, 'unauthenticated');
    });

    it('ends one session at once, and no other', async () => {
      const other = await logInAgain();
      const response = await user.delete(`/auth/sessions/${other.id}`);
      expect(response.status).toBe(204);
      await expectEnded(other);
      await user.get('/users/me').expect(200);
    });

    it('does not know the session of somebody else', async () => {
      const stranger = await app.api.signUp();
      const { body } = await stranger.get('/auth/sessions').expect(200);
      const foreign = await user.delete(`/auth/sessions/${body.data[0].id}`);
      const missing = await user.delete('/auth/sessions/4294967296');
      expectProblem(foreign, 404, 'session_not_found');
      expectProblem(missing, 404, 'session_not_found');
      expect(foreign.body.detail).toBe(missing.body.detail);
      await stranger.get('/users/me').expect(200);
    });

    it.each(['abc', '1e3', '-1', '0', '9007199254740992', '9223372036854775808', '%00'])(
      'refuses the id %s',
      async (id) => {
        expectProblem(await user.delete(`/auth/sessions/${id}`), 400, 'validation_failed');
      },
    );
  });

  describe('DELETE /auth/sessions', () => {
    it('requires authentication', async () => {
      expectProblem(await app.api.delete('/auth/sessions'), 401, 'unauthenticated');
    });

    it('ends all sessions of the user, and of nobody else', async () => {
      const other = await logInAgain();
      const stranger = await app.api.signUp();
      const response = await user.delete('/auth/sessions');
      expect(response.status).toBe(204);
      await expectEnded(other);
      await expectEnded({ token: user.token!, refreshToken: user.refreshToken });
      await stranger.get('/users/me').expect(200);
    });
  });

  describe('that have expired', () => {
    it('are deleted by the sweep, and no others', async () => {
      const other = await logInAgain();
      const sessions = app.dataSource.getRepository(Session);
      await sessions.update(other.id, { expiresAt: new Date(Date.now() - 1) });
      await app.nest.get(SessionSweep).tick();
      expect(await sessions.countBy({ id: other.id })).toBe(0);
      expect(await sessions.countBy({ userId: user.userId })).toBe(1);
      await refresh(user.refreshToken).expect(200);
    });
  });

  describe('in the memory of an instance', () => {
    afterEach(resetWallClock);

    it('cost one look into the database for many requests', async () => {
      const look = jest.spyOn(app.dataSource.getRepository(Session), 'createQueryBuilder');
      const before = look.mock.calls.length;
      for (let request = 0; request < 10; request++) await user.get('/orders').expect(200);
      expect(look.mock.calls.length - before).toBeLessThanOrEqual(1);
      look.mockRestore();
    });

    it('are forgotten within ten seconds after another instance has ended them', async () => {
      await user.get('/orders').expect(200);
      await app.dataSource.getRepository(Session).delete({ userId: user.userId });
      app.clock.advance(9_000);
      expectProblem(await user.get('/orders'), 401, 'invalid_token');
    });

    it('fault 29: are forgotten as soon when the wall clock is set back meanwhile', async () => {
      await user.get('/orders').expect(200);
      await app.dataSource.getRepository(Session).delete({ userId: user.userId });
      moveWallClock(-3_600_000);
      app.clock.advance(9_000);
      expectProblem(await user.get('/orders'), 401, 'invalid_token');
    });

    it('do not make a token outlive its session', async () => {
      await app.dataSource
        .getRepository(Session)
        .update({ userId: user.userId }, { expiresAt: new Date(0) });
      app.clock.advance(9_000);
      expectProblem(await user.get('/orders'), 401, 'invalid_token');
    });

    it('are looked up once for requests at the same time', async () => {
      const liveSessions = app.nest.get(LiveSessions);
      const sessions = app.dataSource.getRepository(Session);
      const { key } = await sessions.findOneByOrFail({ userId: user.userId });
      app.clock.advance(9_000);
      const findUser = jest.spyOn(app.nest.get(UsersService), 'findById');
      const users = await Promise.all(Array.from({ length: 20 }, () => liveSessions.findUser(key)));
      expect(new Set(users.map((found) => found?.id))).toEqual(new Set([user.userId]));
      expect(findUser).toHaveBeenCalledTimes(1);
      findUser.mockRestore();
    });

    it('stay ended when they were ended while they were looked up', async () => {
      const liveSessions = app.nest.get(LiveSessions);
      const { key } = await app.dataSource
        .getRepository(Session)
        .findOneByOrFail({ userId: user.userId });
      app.clock.advance(9_000);
      const lookup = liveSessions.findUser(key);
      const shared = liveSessions.findUser(key);
      liveSessions.markEnded([{ key }]);
      expect(await lookup).toBeNull();
      expect(await shared).toBeNull();
      expect(await liveSessions.findUser(key)).toBeNull();
    });
  });
});

describe('sessions of several starts', () => {
  const OLD = 'the first secret that is long enough';
  const NEW = 'the second secret that is long enough';
  let database: TestDatabase;
  let app: TestApp;

  beforeAll(async () => {
    database = await createTestDatabase();
  });

  afterAll(async () => {
    await app.stop();
    await database.drop();
  });

  const start = async (environment: Record<string, string>) => {
    app = await TestApp.start({ ...database.environment, ...environment });
    return app;
  };

  it('go on when the secret is rotated, and not when the old one is forgotten', async () => {
    const { api } = await start({ JWT_SECRET: OLD });
    const user = await api.signUp();
    await user.placeOrder();
    await user.placeOrder();
    const { next_cursor } = (await user.get('/orders?limit=1').expect(200)).body;
    await app.stop();

    const rotated = await start({ JWT_SECRET: NEW, JWT_PREVIOUS_SECRETS: `${OLD}, ` });
    const still = rotated.api.withToken(user.token!);
    await still.get('/users/me').expect(200);
    await still.get(`/orders?limit=1&cursor=${next_cursor}`).expect(200);
    const { body } = await still
      .post('/auth/refresh', { refresh_token: user.refreshToken })
      .expect(200);
    await rotated.stop();

    const notYetRotated = await start({ JWT_SECRET: OLD, JWT_PREVIOUS_SECRETS: NEW });
    await notYetRotated.api.withToken(body.access_token).get('/users/me').expect(200);
    const next = await notYetRotated.api
      .post('/auth/refresh', { refresh_token: body.refresh_token })
      .expect(200);
    await notYetRotated.stop();

    const later = await start({ JWT_SECRET: NEW });
    expectProblem(await later.api.withToken(user.token!).get('/users/me'), 401, 'invalid_token');
    await later.api.withToken(body.access_token).get('/users/me').expect(200);
    const outdated = { refresh_token: next.body.refresh_token };
    expectProblem(await later.api.post('/auth/refresh', outdated), 401, 'refresh_token_invalid');
    await later.api.post('/auth/refresh', { refresh_token: body.refresh_token }).expect(200);
  });
});
