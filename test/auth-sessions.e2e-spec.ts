import { SessionSweep } from '../src/auth/session-sweep';
import { Session } from '../src/auth/session.entity';
import { PASSWORD, type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

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
      await user.get('/users/me').expect(200); // the session is cached now

      const response = await user.post('/auth/logout');

      expect(response.status).toBe(204);
      expect(response.text).toBe('');
      await expectEnded({ token: user.token!, refreshToken: user.refreshToken });
      await other.client.get('/users/me').expect(200);
      await refresh(other.refreshToken).expect(200);
    });

    it('ends the session permanently, regardless of concurrent requests', async () => {
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

    it('returns 401 to a second logout', async () => {
      await user.post('/auth/logout').expect(204);
      expectProblem(await user.post('/auth/logout'), 401, 'invalid_token');
    });

    it('rejects query parameters', async () => {
      const response = await user.post('/auth/logout').query({ all: true });
      expectProblem(response, 400, 'validation_failed');
    });
  });

  describe('GET /auth/sessions', () => {
    it('requires authentication', async () => {
      expectProblem(await app.api.get('/auth/sessions'), 401, 'unauthenticated');
    });

    it('lists the sessions of the user, and marks the current one', async () => {
      await app.api.signUp(); // another user, whose session is not listed
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

    it('stores the first 500 characters of the User-Agent header, including non-ASCII ones', async () => {
      const userAgent = `caf\u00e9\u0085 ${'x'.repeat(2_000)}`;
      const login = { email: user.email, password: PASSWORD };
      await app.api.post('/auth/login', login).set('User-Agent', userAgent).expect(200);
      const { body } = await user.get('/auth/sessions').expect(200);
      const userAgents = body.data.map(
        ({ user_agent }: { user_agent: string | null }) => user_agent,
      );
      const asBytes = Buffer.from(userAgent).toString('latin1'); // as Node.js decodes headers
      expect(userAgents).toContain(asBytes.slice(0, 500));
    });

    it('lists the most recently refreshed session first', async () => {
      const other = await logInAgain();
      await refresh(user.refreshToken).expect(200);
      const { body } = await other.client.get('/auth/sessions').expect(200);
      expect(body.data.map(({ current }: { current: boolean }) => current)).toEqual([false, true]);
    });

    it('does not list expired sessions', async () => {
      const other = await logInAgain();
      await app.dataSource.getRepository(Session).update(other.id, { expiresAt: new Date(0) });
      const { body } = await user.get('/auth/sessions').expect(200);
      expect(body.data).toHaveLength(1);
    });

    it('ends the least recently refreshed session at the 101st login', async () => {
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

  describe('DELETE /auth/sessions/:id', () => {
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

    it('returns the same 404 for a missing session and for one of another user', async () => {
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
      'rejects the id %s',
      async (id) => {
        expectProblem(await user.delete(`/auth/sessions/${id}`), 400, 'validation_failed');
      },
    );
  });

  describe('DELETE /auth/sessions', () => {
    it('requires authentication', async () => {
      expectProblem(await app.api.delete('/auth/sessions'), 401, 'unauthenticated');
    });

    it('ends all sessions of the user, and of no other user', async () => {
      const other = await logInAgain();
      const stranger = await app.api.signUp();
      const response = await user.delete('/auth/sessions');
      expect(response.status).toBe(204);
      await expectEnded(other);
      await expectEnded({ token: user.token!, refreshToken: user.refreshToken });
      await stranger.get('/users/me').expect(200);
    });
  });

  describe('the hourly sweep', () => {
    it('deletes expired sessions only', async () => {
      const other = await logInAgain();
      const sessions = app.dataSource.getRepository(Session);
      await sessions.update(other.id, { expiresAt: new Date(Date.now() - 1) });
      await app.nest.get(SessionSweep).tick();
      expect(await sessions.countBy({ id: other.id })).toBe(0);
      expect(await sessions.countBy({ userId: user.userId })).toBe(1);
      await refresh(user.refreshToken).expect(200);
    });
  });
});
