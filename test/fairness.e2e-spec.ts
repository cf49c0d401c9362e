import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  constant,
  integer,
  nat,
  oneof,
  record,
} from 'fast-check';
import { databaseTime } from '../src/database/database-time';
import type { ClaimedOrder } from '../src/jobs/claimed-order';
import { OrderClaims } from '../src/jobs/order-claims';
import { OrderPlacement } from '../src/orders/order-placement';
import { completeClaim, postponeClaim } from './support/end-claim';
import { insertPendingOrders } from './support/insert-orders';
import { TestApp } from './support/test-app';

const OWNERS = 4;

/**
 * How many orders of each other owner are claimed before the order of an owner that had none
 * waiting: those with the current turn, and with the one after it. In time: with n other owners that
 * have orders waiting, at most as long as 2 n attempts take, plus one round of claims.
 */
const MAX_BEFORE = 2;

type Action =
  | { kind: 'place' | 'placeByPreviousRelease'; owner: number; count: number }
  | { kind: 'claim'; limit: number; postponed: number }
  | { kind: 'becomeDue'; owner: number };

const owner = nat(OWNERS - 1);
const place = (weight: number, most: number) => ({
  weight,
  arbitrary: record({
    kind: constant('place' as const),
    owner,
    count: integer({ min: 1, max: most }),
  }),
});
const action: Arbitrary<Action> = oneof(
  place(4, 1),
  place(2, 15),
  {
    weight: 2,
    arbitrary: record({
      kind: constant('placeByPreviousRelease' as const),
      owner,
      count: integer({ min: 1, max: 10 }),
    }),
  },
  {
    weight: 5,
    arbitrary: record({
      kind: constant('claim' as const),
      limit: integer({ min: 1, max: 6 }),
      postponed: nat(3),
    }),
  },
  { weight: 2, arbitrary: record({ kind: constant('becomeDue' as const), owner }) },
);

/** The due orders of an owner, and what was claimed since it had none. */
class Waiting {
  private readonly due = new Set<number>();
  private readonly claimedBefore = new Map<number, number>();
  private isFirstClaimed = false;

  add(ids: readonly number[]): void {
    if (this.due.size === 0) {
      this.claimedBefore.clear();
      this.isFirstClaimed = false;
    }
    for (const id of ids) this.due.add(id);
  }

  removed(id: number): void {
    this.due.delete(id);
  }

  /** @returns how many orders of one other owner were claimed before the first of this one, at most */
  claimed(orders: readonly ClaimedOrder[], self: number): number {
    if (orders.some(({ userId }) => userId === self)) this.isFirstClaimed = true;
    if (this.isFirstClaimed || this.due.size === 0) return 0;
    for (const { userId } of orders) {
      this.claimedBefore.set(userId, (this.claimedBefore.get(userId) ?? 0) + 1);
    }
    return Math.max(0, ...this.claimedBefore.values());
  }
}

describe('claims', () => {
  const app = TestApp.forSuite({ PROCESSING_MAX_ATTEMPTS: '100' });
  let claims: OrderClaims;
  let users: number[];

  beforeAll(async () => {
    claims = app.nest.get(OrderClaims);
    users = [];
    for (let n = 0; n < OWNERS; n++) users.push((await app.api.signUp()).userId);
  });

  const idsOf = async (where: string) => {
    const rows = await app.dataSource.query<{ id: number }[]>(
      `SELECT id FROM orders WHERE ${where} ORDER BY id`,
    );
    return rows.map(({ id }) => id);
  };

  async function place(userId: number, count: number): Promise<number[]> {
    const ids: number[] = [];
    for (let n = 0; n < count; n++) {
      const request = { product_name: 'Laptop', amount: 1 };
      ids.push((await app.nest.get(OrderPlacement).place(userId, request, undefined)).body.id);
    }
    return ids;
  }

  async function check(actions: readonly Action[]): Promise<void> {
    await app.dataSource.query('DELETE FROM order_history');
    await app.dataSource.query('DELETE FROM orders');
    const waiting = new Map(users.map((userId) => [userId, new Waiting()]));
    const placed = new Map(users.map((userId) => [userId, [] as number[]]));
    const postponed = new Map(users.map((userId) => [userId, [] as number[]]));

    const claim = async (limit: number, postponedCount: number) => {
      const orders = await claims.claim(limit);
      for (const [userId, of] of waiting) {
        expect(of.claimed(orders, userId)).toBeLessThanOrEqual(MAX_BEFORE);
      }
      for (const own of placed.values()) {
        // In the order in which they were placed. The attempts of one claim begin together.
        const ids = orders.map(({ id }) => id).filter((id) => own.includes(id));
        expect(ids).toEqual(own.splice(0, ids.length));
      }
      for (const [n, order] of orders.entries()) {
        waiting.get(order.userId)!.removed(order.id);
        if (n >= postponedCount) {
          await completeClaim(app, order);
        } else {
          await postponeClaim(app, order, 'Not yet', 60);
          postponed.get(order.userId)!.push(order.id);
        }
      }
      return orders.length;
    };

    const becomeDue = async (userId: number) => {
      const ids = postponed.get(userId)!.splice(0);
      if (ids.length === 0) return;
      const now = databaseTime(app.dataSource);
      await app.dataSource.query(
        `UPDATE orders SET next_attempt_at = ${now} WHERE id IN (${ids.join(', ')})`,
      );
      waiting.get(userId)!.add(ids);
    };

    for (const chosen of actions) {
      if (chosen.kind === 'claim') {
        await claim(chosen.limit, chosen.postponed);
        continue;
      }
      const userId = users[chosen.owner]!;
      if (chosen.kind === 'becomeDue') {
        await becomeDue(userId);
      } else if (chosen.kind === 'place') {
        const ids = await place(userId, chosen.count);
        placed.get(userId)!.push(...ids);
        waiting.get(userId)!.add(ids);
      } else {
        const known = new Set(await idsOf('1 = 1'));
        await insertPendingOrders(app.dataSource, userId, chosen.count);
        const ids = (await idsOf('1 = 1')).filter((id) => !known.has(id));
        waiting.get(userId)!.add(ids);
      }
    }
    for (const userId of users) await becomeDue(userId);
    while ((await claim(5, 0)) > 0);
    expect(await idsOf(`status <> 'completed'`)).toEqual([]);
  }

  it('are fair to all owners, and in the order of placing for each', async () => {
    await assert(asyncProperty(array(action, { minLength: 5, maxLength: 40 }), check), {
      numRuns: 20,
    });
  }, 120_000);

  it('take the orders of an owner at once beside 10,000 of another that became due before', async () => {
    await app.dataSource.query('DELETE FROM order_history');
    await app.dataSource.query('DELETE FROM orders');
    const [many, few] = users as [number, number];
    await insertPendingOrders(app.dataSource, many, 10_000);
    await insertPendingOrders(app.dataSource, few, 3);
    const ownersOf = (orders: readonly ClaimedOrder[]) => orders.map(({ userId }) => userId);

    // Each of two concurrent claims gives turns to other orders.
    const claimed = await Promise.all([claims.claim(10), claims.claim(10)]);
    expect(new Set(claimed.flat().map(({ id }) => id)).size).toBe(20);
    expect(ownersOf(claimed.flat()).filter((userId) => userId === few)).toHaveLength(3);
  }, 60_000);
});
