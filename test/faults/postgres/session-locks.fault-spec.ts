import type { QueryRunner } from 'typeorm';
import { Session } from '../../../src/auth/session.entity';
import { SessionsService } from '../../../src/auth/sessions.service';
import { User } from '../../../src/users/user.entity';
import { UsersService } from '../../../src/users/users.service';
import { PASSWORD, type SignedUp } from '../../support/api-client';
import { TestApp } from '../../support/test-app';
import { waitUntil } from '../../support/wait-until';

describe('sessions on PostgreSQL', () => {
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

  it('fault 12: end when a concurrent password change commits after their login', async () => {
    const { passwordHash } = await other.manager.findOneByOrFail(User, { id: user.userId });
    const unchanged = { from: passwordHash, to: passwordHash };
    const tx = { manager: other.manager, afterCommit: () => undefined };
    await app.nest.get(UsersService).exchangePasswordHash(tx, user.userId, unchanged);
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

  it('fault 12: end without a deadlock when the password is changed at the same time', async () => {
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

  it('are deleted after they expired, unless they are locked', async () => {
    await app.api.logIn(user.email);
    await sessions().update({ userId: user.userId }, { expiresAt: new Date(0) });
    const [first] = await sessions().findBy({ userId: user.userId });
    await other.query(`SELECT 1 FROM sessions WHERE id = ${first!.id} FOR UPDATE`);

    await app.nest.get(SessionsService).deleteExpired();

    expect(await sessions().findBy({ userId: user.userId })).toMatchObject([{ id: first!.id }]);
  });

  it('are not started while the session that has to end for them is locked', async () => {
    const oldest = await sessions().findOneByOrFail({ userId: user.userId });
    await sessions().update(oldest.id, { refreshedAt: new Date(0) });
    const { id: _, ...columns } = oldest;
    await sessions().insert(
      Array.from({ length: 99 }, (__, index) => ({ ...columns, key: `${user.userId}-${index}` })),
    );
    await other.query(`SELECT 1 FROM sessions WHERE id = ${oldest.id} FOR UPDATE`);

    await app.api.post('/auth/login', { email: user.email, password: PASSWORD }).expect(503);

    expect(await sessions().countBy({ userId: user.userId })).toBe(100);
  });
});
