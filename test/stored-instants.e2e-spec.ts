import { succeeded } from '../src/jobs/fulfilment-step';
import { OrderClaims } from '../src/jobs/order-claims';
import { Order } from '../src/orders/order.entity';
import { User } from '../src/users/user.entity';
import { UsersService } from '../src/users/users.service';
import type { SignedUp } from './support/api-client';
import { TestApp } from './support/test-app';
import { moveWallClock, resetWallClock } from './support/wall-clock';

const HOUR_MS = 3_600_000;

describe('Stored instants', () => {
  afterEach(resetWallClock);
  const app = TestApp.forEachTest();
  let user: SignedUp;

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  const isNow = (instant: string | Date) =>
    Math.abs(new Date(instant).getTime() - Date.now()) < HOUR_MS / 2;

  /** Moves the orders into the future, as if the clock of the database had been set back. */
  const setClockOfDatabaseBack = () => {
    const later = new Date(Date.now() + HOUR_MS);
    return app.dataSource
      .getRepository(Order)
      .update({ userId: user.userId }, { createdAt: later, updatedAt: later });
  };

  it('come from the clock of the database, not from that of the instance', async () => {
    moveWallClock(-HOUR_MS);
    const { userId } = await app.api.signUp();
    const placed = await user.placeOrder();
    app.fulfilment.script = () => {
      moveWallClock(-HOUR_MS);
      return Promise.resolve(succeeded);
    };
    await app.processor.runOnce();
    resetWallClock();

    const { created_at, updated_at, completed_at } = await user.order(placed.id);
    expect(created_at).toBe(placed.created_at);
    expect(completed_at! >= created_at).toBe(true);
    expect(updated_at).toBe(completed_at);
    for (const instant of [created_at, updated_at]) expect(isNow(instant)).toBe(true);
    for (const entry of await user.history(placed.id)) expect(isNow(entry.created_at)).toBe(true);
    const account = await app.dataSource.getRepository(User).findOneByOrFail({ id: userId });
    expect(isNow(account.createdAt)).toBe(true);
    expect(account.updatedAt).toEqual(account.createdAt);
  });

  it('are the same in all rows that a transition writes', async () => {
    const placed = await user.placeOrder();
    const { body: cancelled } = await user.patch(`/orders/${placed.id}/cancel`).expect(200);
    expect(placed.updated_at).toBe(placed.created_at);
    expect(cancelled.updated_at).toBe(cancelled.cancelled_at);
    expect((await user.history(placed.id)).map(({ created_at }) => created_at)).toEqual([
      placed.created_at,
      cancelled.cancelled_at,
    ]);
  });

  it('fault 10: of an order never decrease, even when the clock of the database is set back', async () => {
    const cancelled = await user.placeOrder();
    const completed = await user.placeOrder();
    await setClockOfDatabaseBack();
    const { body } = await user.patch(`/orders/${cancelled.id}/cancel`).expect(200);
    expect(body.cancelled_at >= body.created_at).toBe(true);
    expect(body.updated_at).toBe(body.cancelled_at);

    await app.processor.runOnce();
    const order = await user.order(completed.id);
    expect(order.status).toBe('completed');
    expect(order.completed_at! >= order.created_at).toBe(true);
    const [, ...later] = await user.history(completed.id);
    for (const { created_at } of later) expect(created_at >= order.created_at).toBe(true);
  });

  it('of an account never decrease', async () => {
    const users = app.dataSource.getRepository(User);
    const later = new Date(Date.now() + HOUR_MS);
    await users.update({ id: user.userId }, { createdAt: later, updatedAt: later });
    await app.nest.get(UsersService).changeRole(user.email, 'admin');
    expect(await users.findOneByOrFail({ id: user.userId })).toMatchObject({ updatedAt: later });
  });

  it('allow a claim of an order in the instant in which it was placed', async () => {
    const claims = app.nest.get(OrderClaims);
    for (let order = 0; order < 20; order++) {
      const { id } = await user.placeOrder();
      expect((await claims.claim(10)).map((claimed) => claimed.id)).toEqual([id]);
    }
  });
});
