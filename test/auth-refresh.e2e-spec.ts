import type { TokenResponse } from '../src/auth/auth.dto';
import { Session } from '../src/auth/session.entity';
import { AppConfig } from '../src/config/app-config';
import { Signer } from '../src/common/signer';
import { type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

const DAY_MS = 86_400_000;

describe('POST /auth/refresh', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  const refresh = (refresh_token: unknown) => app.api.post('/auth/refresh', { refresh_token });

  const refreshed = async (token: string): Promise<TokenResponse> =>
    (await refresh(token).expect(200)).body as TokenResponse;

  /** Changes the times of the user's sessions, as if they had been started or refreshed earlier. */
  const moveSessions = (times: Partial<Pick<Session, 'refreshedAt' | 'expiresAt' | 'endsAt'>>) =>
    app.dataSource.getRepository(Session).update({ userId: user.userId }, times);

  const fromNow = (milliseconds: number) => new Date(Date.now() + milliseconds);

  const expectLive = (token: string) => app.api.withToken(token).get('/users/me').expect(200);

  it('exchanges a refresh token for a new access token and the next refresh token', async () => {
    const response = await refresh(user.refreshToken);

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 900,
      refresh_token: expect.any(String),
      refresh_expires_in: 7 * 24 * 60 * 60,
    });
    expect(response.body.refresh_token).not.toBe(user.refreshToken);
    const me = await app.api.withToken(response.body.access_token).get('/users/me').expect(200);
    expect(me.body.id).toBe(user.userId);
  });

  it('continues one session over several refreshes', async () => {
    let token = user.refreshToken;
    for (let round = 0; round < 5; round++) token = (await refreshed(token)).refresh_token;
    const { body } = await user.get('/auth/sessions').expect(200);
    expect(body.data).toHaveLength(1);
  });

  it('fault 11: returns the same next token to 20 concurrent refreshes of one token', async () => {
    for (let round = 0; round < 5; round++) {
      const { refreshToken } = await app.api.signUp();
      const responses = await Promise.all(
        Array.from({ length: 20 }, () => refreshed(refreshToken)),
      );
      const successors = new Set(responses.map(({ refresh_token }) => refresh_token));
      expect(successors.size).toBe(1);
      await Promise.all(responses.map(({ access_token }) => expectLive(access_token)));
      await refreshed([...successors][0]!);
    }
  });

  it('returns the same next token when the previous token is reused within ten seconds', async () => {
    const { refresh_token } = await refreshed(user.refreshToken);
    await moveSessions({ refreshedAt: fromNow(-5_000) });
    expect((await refreshed(user.refreshToken)).refresh_token).toBe(refresh_token);
  });

  it('ends the session when the previous token is reused later', async () => {
    const { access_token, refresh_token } = await refreshed(user.refreshToken);
    await moveSessions({ refreshedAt: fromNow(-11_000) });

    expectProblem(await refresh(user.refreshToken), 401, 'refresh_token_reused');
    expectProblem(await refresh(refresh_token), 401, 'refresh_token_invalid');
    expectProblem(await user.get('/users/me'), 401, 'invalid_token');
    const response = await app.api.withToken(access_token).get('/users/me');
    expectProblem(response, 401, 'invalid_token');
  });

  it('fault 12: ends the session, and no other, when a token two generations old is reused', async () => {
    const otherSession = await app.api.logIn(user.email);
    const otherUser = await app.api.signUp();
    const second = await refreshed(user.refreshToken);
    const third = await refreshed(second.refresh_token);

    const response = await refresh(user.refreshToken);

    expectProblem(response, 401, 'refresh_token_reused');
    expect(response.headers['www-authenticate']).toMatch(/^Bearer /);
    for (const token of [user.token!, second.access_token, third.access_token]) {
      expectProblem(await app.api.withToken(token).get('/users/me'), 401, 'invalid_token');
    }
    for (const token of [user.refreshToken, second.refresh_token, third.refresh_token]) {
      expectProblem(await refresh(token), 401, 'refresh_token_invalid');
    }
    await expectLive(otherSession.access_token);
    await refreshed(otherSession.refresh_token);
    await otherUser.get('/users/me').expect(200);
    await refreshed(otherUser.refreshToken);
  });

  it('fault 12: logs the reuse of a token as a security event, without the token', async () => {
    const second = await refreshed(user.refreshToken);
    await refreshed(second.refresh_token);
    await refresh(user.refreshToken).expect(401);

    const event = app.logLines.find(
      (line) => line['event'] === 'refresh_token_reused' && line['user_id'] === user.userId,
    );
    expect(event).toMatchObject({ level: 'warn', session_id: expect.any(Number) });
    expect(JSON.stringify(app.logLines)).not.toContain(user.refreshToken.split('.')[2]);
  });

  it('issues every refresh token for the full idle time', async () => {
    await moveSessions({ refreshedAt: fromNow(-6 * DAY_MS), expiresAt: fromNow(DAY_MS) });
    const { refresh_expires_in } = await refreshed(user.refreshToken);
    expect(refresh_expires_in).toBe(7 * 24 * 60 * 60);
  });

  it('rejects a token of a session that was idle too long', async () => {
    await moveSessions({ expiresAt: fromNow(-1_000) });
    expectProblem(await refresh(user.refreshToken), 401, 'refresh_token_invalid');
  });

  it('does not extend a session beyond 30 days', async () => {
    await moveSessions({ expiresAt: fromNow(DAY_MS), endsAt: fromNow(DAY_MS) });
    const { refresh_token, refresh_expires_in } = await refreshed(user.refreshToken);
    expect(refresh_expires_in).toBeGreaterThan((DAY_MS - 10_000) / 1_000);
    expect(refresh_expires_in).toBeLessThanOrEqual(DAY_MS / 1_000);

    await moveSessions({ expiresAt: fromNow(-1), endsAt: fromNow(-1) });
    expectProblem(await refresh(refresh_token), 401, 'refresh_token_invalid');
  });

  it('limits a session to 30 days from the login', async () => {
    const session = await app.dataSource
      .getRepository(Session)
      .findOneByOrFail({ userId: user.userId });
    expect(session.endsAt.getTime() - session.createdAt.getTime()).toBe(30 * DAY_MS);
  });

  it('rejects the token of an ended session', async () => {
    await user.post('/auth/logout').expect(204);
    expectProblem(await refresh(user.refreshToken), 401, 'refresh_token_invalid');
  });

  it('rejects the token of a deleted user', async () => {
    await app.dataSource.query(`DELETE FROM users WHERE id = ${user.userId}`);
    expectProblem(await refresh(user.refreshToken), 401, 'refresh_token_invalid');
  });

  it.each<[string, () => unknown]>([
    ['is malformed', () => 'x'],
    ['is empty', () => ''],
    ['has empty parts', () => '..'],
    ['is an access token', () => user.token],
    ['has another signature', () => user.refreshToken.replace(/[^.]{5}$/, 'xxxxx')],
    ['has no signature', () => user.refreshToken.replace(/[^.]+$/, '')],
    ['has another ending', () => withOtherLastBits(user.refreshToken)],
    ['has another part', () => `${user.refreshToken}.x`],
    ['is of a later generation', () => user.refreshToken.replace('.0.', '.1.')],
    ['is of another session', () => user.refreshToken.replace(/^[^.]{4}/, '0000')],
    ['was signed for another purpose', () => signedForAnotherPurpose()],
  ])('rejects a token that %s', async (_, token) => {
    expectProblem(await refresh(token()), 401, 'refresh_token_invalid');
    await refreshed(user.refreshToken);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['a list', ['x']],
    ['an object', { $ne: null }],
    ['1,001 characters', 'x'.repeat(1_001)],
  ])('rejects a refresh token of %s', async (_, token) => {
    const response = await refresh(token);
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'refresh_token', message: expect.any(String) }]);
  });

  it('rejects unknown fields', async () => {
    const body = { refresh_token: user.refreshToken, user_id: 1 };
    expectProblem(await app.api.post('/auth/refresh', body), 400, 'validation_failed');
    await refreshed(user.refreshToken);
  });

  function signedForAnotherPurpose(): string {
    const content = user.refreshToken.split('.').slice(0, 2).join('.');
    return `${content}.${new Signer(app.nest.get(AppConfig), 'list-cursor').sign(content)}`;
  }
});

/** Another string for the same bytes: 32 bytes leave two bits of the last character unused. */
function withOtherLastBits(token: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = alphabet.indexOf(token.at(-1)!);
  return token.slice(0, -1) + alphabet[last ^ 1];
}
