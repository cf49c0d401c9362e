import { LiveSessions } from '../src/auth/live-sessions';
import { Session } from '../src/auth/session.entity';
import { UsersService } from '../src/users/users.service';
import { type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';
import { moveWallClock, resetWallClock } from './support/wall-clock';

describe('the cache of sessions', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  afterEach(resetWallClock);

  it('reads a session once for many requests', async () => {
    const query = jest.spyOn(app.dataSource.getRepository(Session), 'createQueryBuilder');
    const before = query.mock.calls.length;
    for (let request = 0; request < 10; request++) await user.get('/orders').expect(200);
    expect(query.mock.calls.length - before).toBeLessThanOrEqual(1);
    query.mockRestore();
  });

  it('does not keep an access token valid for longer', async () => {
    for (let request = 0; request < 2; request++) await user.get('/orders').expect(200);
    moveWallClock(15 * 60_000);
    expectProblem(await user.get('/orders'), 401, 'invalid_token');
  });

  it('serves a session for less than ten seconds after another instance has ended it', async () => {
    await user.get('/orders').expect(200);
    await app.dataSource.getRepository(Session).delete({ userId: user.userId });
    app.clock.advance(9_000);
    expectProblem(await user.get('/orders'), 401, 'invalid_token');
  });

  it('fault 29: serves an ended session for less than ten seconds when the wall clock is set back', async () => {
    await user.get('/orders').expect(200);
    await app.dataSource.getRepository(Session).delete({ userId: user.userId });
    moveWallClock(-3_600_000);
    app.clock.advance(9_000);
    expectProblem(await user.get('/orders'), 401, 'invalid_token');
  });

  it('serves a session for less than ten seconds after it has expired', async () => {
    await app.dataSource
      .getRepository(Session)
      .update({ userId: user.userId }, { expiresAt: new Date(0) });
    app.clock.advance(9_000);
    expectProblem(await user.get('/orders'), 401, 'invalid_token');
  });

  it('reads a session once for concurrent requests', async () => {
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

  it('rejects a session that was ended while it was read', async () => {
    const liveSessions = app.nest.get(LiveSessions);
    const { key } = await app.dataSource
      .getRepository(Session)
      .findOneByOrFail({ userId: user.userId });
    app.clock.advance(9_000);
    const load = liveSessions.findUser(key);
    const shared = liveSessions.findUser(key);
    liveSessions.markEnded([{ key }]);
    expect(await load).toBeNull();
    expect(await shared).toBeNull();
    expect(await liveSessions.findUser(key)).toBeNull();
  });
});
