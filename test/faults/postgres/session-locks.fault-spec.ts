import type { QueryRunner } from 'typeorm';
import { Session } from '../../../src/auth/session.entity';
import { SessionsService } from '../../../src/auth/sessions.service';
import { User } from '../../../src/users/user.entity';
import { UsersService } from '../../../src/users/users.service';
import { PASSWORD, type SignedUp } from '../../support/api-client';
import { TestApp } from '../../support/test-app';
import { waitUntil } from '../../support/wait-until';

describe('a change of the password on PostgreSQL', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;
  let other: QueryRunner;

  beforeEach(async () => {
    user = await app.api.signUp();
    other = app.dataSource.createQueryRunner();
    await other.startTransaction();
  });

  afterEach(async () => {
    if (other.isTransactionActive) await other.rollbackTransaction();
    await other.release();
  });

  const changePassword = async () => {
    const passwords = { current_password: PASSWORD, new_password: 'battery staple' };
    return (await user.post('/auth/password', passwords)).status;
  };

  const waitForLocks = (count: number) =>
    waitUntil(async () => {
      const waiting = await app.dataSource.query<unknown[]>(
        `SELECT 1 FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return waiting.length === count;
    });

  const sessions = () => app.dataSource.getRepository(Session);

  it('ends the session of a login that commits while the change waits for it', async () => {
    const { passwordHash } = await other.manager.findOneByOrFail(User, { id: user.userId });
    const unchanged = { from: passwordHash, to: passwordHash };
    await app.nest.get(UsersService).exchangePasswordHash(other.manager, user.userId, unchanged);
    const { id: _, ...columns } = await other.manager.findOneByOrFail(Session, {
      userId: user.userId,
    });
    await other.manager.insert(Session, { ...columns, key: 'of the login' });

    const changing = changePassword();
    await waitForLocks(1);
    await other.commitTransaction();
    expect(await changing).toBe(200);
    expect(await sessions().countBy({ key: 'of the login' })).toBe(0);
    expect(await sessions().countBy({ userId: user.userId })).toBe(1);
  });

  it('and an end of all sessions wait for each other in one order', async () => {
    await app.api.logIn(user.email);
    const ids = await sessions().find({ where: { userId: user.userId }, order: { id: 'ASC' } });
    await other.query(`SELECT 1 FROM sessions WHERE id = ${ids[1]!.id} FOR UPDATE`);

    const changing = changePassword();
    await waitForLocks(1);
    const ending = user.delete('/auth/sessions').then(({ status }) => status);
    await waitForLocks(2);
    await other.commitTransaction();

    expect(await Promise.all([changing, ending])).toEqual([200, 204]);
    expect(await sessions().countBy({ userId: user.userId })).toBe(0);
  });

  it('is not waited for by the deletion of expired sessions', async () => {
    await app.api.logIn(user.email);
    await sessions().update({ userId: user.userId }, { expiresAt: new Date(0) });
    const [first] = await sessions().findBy({ userId: user.userId });
    await other.query(`SELECT 1 FROM sessions WHERE id = ${first!.id} FOR UPDATE`);

    await app.nest.get(SessionsService).deleteExpired();

    expect(await sessions().findBy({ userId: user.userId })).toMatchObject([{ id: first!.id }]);
  });
});
