import { orderPages } from '../src/cli/export/order-pages';
import { countEndedOrders, endedOrders } from '../src/cli/retention/ended-orders';
import { OrderList } from '../src/orders/order-list';
import { insertOrders } from './support/insert-orders';
import { TestApp } from './support/test-app';

const NOON = Date.parse('2026-01-31T12:00:00.000Z');
const ORDERS = 45;

/** As much as the API accepts: 50,000 characters. */
const LONG = Object.fromEntries(
  Array.from({ length: 50 }, (_, n) => [`key${n}`, '🙂'.repeat(500)]),
);

describe('orders with much metadata', () => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false' });
  const ended = { before: new Date(NOON + 86_400_000).toISOString(), condition: '1 = 1' };
  let userId: number;
  let ids: number[];

  beforeAll(async () => {
    ({ userId } = await app.api.signUp());
    ids = await insertOrders(
      app.dataSource,
      Array.from({ length: ORDERS }, (_, n) => ({
        userId,
        createdAt: new Date(NOON + n),
        metadata: LONG,
      })),
    );
  });

  it.each([
    ['the export of all orders', 4, () => orderPages(app.dataSource.manager, undefined)],
    ['the export of one account', 4, () => orderPages(app.dataSource.manager, userId)],
    ['the route of exports', 4, () => app.nest.get(OrderList).exportOwn(userId, {})],
    ['retention', 19, () => endedOrders(app.dataSource.manager, ended)],
  ])('are read by %s in pages of %i, completely', async (_, size, pages) => {
    const sizes: number[] = [];
    const read: number[] = [];
    for await (const page of pages()) {
      sizes.push(page.length);
      read.push(...page.map(({ id }) => id));
      for (const { metadataJson } of page) expect(JSON.parse(metadataJson!)).toEqual(LONG);
    }
    expect(new Set(sizes.slice(0, -1))).toEqual(new Set([size]));
    expect(read.toSorted((a, b) => a - b)).toEqual(ids);
  });

  it('are counted by retention without their metadata', async () => {
    const query = jest.spyOn(app.dataSource.manager, 'query');
    let total = 0;
    for await (const count of countEndedOrders(app.dataSource.manager, ended)) total += count;
    const statements = query.mock.calls.map(([sql]) => sql).join('\n');
    query.mockRestore();
    expect(total).toBe(ORDERS);
    expect(statements).not.toMatch(/metadata|product_name/);
  });
});
