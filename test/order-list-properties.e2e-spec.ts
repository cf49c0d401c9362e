import * as fc from 'fast-check';
import { OrderList } from '../src/orders/order-list';
import type { OrderListQuery } from '../src/orders/order-list.dto';
import { ORDER_STATUSES, type OrderStatus } from '../src/orders/order-status';
import { insertOrders } from './support/insert-orders';
import { TestApp } from './support/test-app';

const START = Date.parse('2026-01-31T12:00:00.000Z');

/** Few instants, so that many orders share one. */
const order = fc.record({
  status: fc.constantFrom(...ORDER_STATUSES),
  createdAt: fc.integer({ min: 0, max: 5 }).map((offset) => new Date(START + offset)),
});

const query = fc.record(
  {
    status: fc.uniqueArray(fc.constantFrom(...ORDER_STATUSES), { minLength: 1 }),
    created_from: fc.integer({ min: -1, max: 6 }).map((offset) => new Date(START + offset)),
    created_to: fc.integer({ min: -1, max: 6 }).map((offset) => new Date(START + offset)),
  },
  { requiredKeys: [] },
);

const isListed = (
  { status, createdAt }: { status: OrderStatus; createdAt: Date },
  wanted: OrderListQuery,
) =>
  (wanted.status?.includes(status) ?? true) &&
  (wanted.created_from === undefined || createdAt >= wanted.created_from) &&
  (wanted.created_to === undefined || createdAt < wanted.created_to);

describe('walking the pages of a list', () => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false' });

  it.each(['one user', 'all users'])(
    'returns each order of %s that existed at the start exactly once, newest first',
    async (whose) => {
      const list = app.nest.get(OrderList);
      const user = await app.api.signUp();
      const other = await app.api.signUp();
      const owners = whose === 'one user' ? [user.userId] : [user.userId, other.userId];

      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.record({ order, isForeign: fc.boolean() }), { maxLength: 30 }),
          query,
          fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
          fc.array(order, { maxLength: 10 }),
          async (atStart, filter, limits, late) => {
            await app.dataSource.query('DELETE FROM orders');
            const orders = atStart.map(({ order: { status, createdAt }, isForeign }) => ({
              status,
              createdAt,
              userId: isForeign ? other.userId : user.userId,
            }));
            const ids = await insertOrders(app.dataSource, orders);
            const expected = orders
              .map((order, index) => ({ order, id: ids[index]! }))
              .filter(({ order }) => owners.includes(order.userId) && isListed(order, filter))
              .toSorted(
                (a, b) => b.order.createdAt.getTime() - a.order.createdAt.getTime() || b.id - a.id,
              )
              .map(({ id }) => id);

            const seen: number[] = [];
            let cursor: string | undefined;
            for (let page = 0; ; page++) {
              const limit = limits[page % limits.length]!;
              const wanted = { ...filter, limit, ...(cursor !== undefined && { cursor }) };
              const added = late[page];
              const [{ rows: found, nextCursor }] = await Promise.all([
                whose === 'one user' ? list.own(user.userId, wanted) : list.all(1, wanted),
                added && insertOrders(app.dataSource, [{ ...added, userId: user.userId }]),
              ]);
              expect(found.length).toBeLessThanOrEqual(limit);
              if (nextCursor !== null) expect(found).toHaveLength(limit);
              seen.push(...found.map(({ id }) => id));
              if (nextCursor === null) break;
              cursor = nextCursor;
            }

            expect(seen.filter((id) => ids.includes(id))).toEqual(expected);
            expect(new Set(seen).size).toBe(seen.length);
          },
        ),
        { numRuns: 60 },
      );
    },
  );
});
