import type { DataSource } from 'typeorm';
import type { AppConfig } from '../config/app-config';
import { OpenOrderLimit } from './open-order-limit';
import type { PlacementCheck } from './order-transitions';
import type { Order } from './order.entity';

const USER = 1;

/** A limit of 1,000, of which a count allows 10 orders without another count. */
const limitOf1000 = () =>
  new OpenOrderLimit(
    { options: { type: 'better-sqlite3' } } as DataSource,
    { orders: { maxOpenPerUser: 1_000 } } as AppConfig,
  );

describe('OpenOrderLimit', () => {
  /** Whether each placement was counted. */
  const checks: boolean[] = [];

  beforeEach(() => checks.splice(0));

  const place = async (check?: PlacementCheck): Promise<Order> => {
    checks.push(check !== undefined);
    return {} as Order;
  };

  it('counts once for 1 % of the limit', async () => {
    const limit = limitOf1000();
    for (let order = 0; order < 12; order++) await limit.within(USER, place);
    expect(checks).toEqual([true, ...Array<boolean>(10).fill(false), true]);
  });

  it('allows no more orders for counts that were made at the same time', async () => {
    const limit = limitOf1000();
    const commits: (() => void)[] = [];
    const slow = Array.from({ length: 5 }, () =>
      limit.within(USER, async (check) => {
        await new Promise<void>((resolve) => commits.push(resolve));
        return place(check);
      }),
    );
    for (const [index, commit] of commits.entries()) {
      commit();
      await slow[index];
      if (index === 0) for (let order = 0; order < 10; order++) await limit.within(USER, place);
    }
    checks.splice(0);
    await limit.within(USER, place);
    expect(checks).toEqual([true]);
  });

  it('counts each order after a count that was near the limit', async () => {
    const limit = limitOf1000();
    let isFirst = true;
    await limit.within(USER, async (check) => {
      const order = await place(check);
      if (!isFirst) return order;
      isFirst = false;
      return undefined;
    });
    for (let order = 0; order < 3; order++) await limit.within(USER, place);
    expect(checks).toEqual(Array<boolean>(5).fill(true));
  });
});
