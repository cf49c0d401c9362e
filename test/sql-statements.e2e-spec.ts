import { ORDER_STATUSES } from '../src/orders/order-status';
import { OrderClaims } from '../src/jobs/order-claims';
import { OrderLeases } from '../src/jobs/order-leases';
import type { SignedUp } from './support/api-client';
import { completeClaim, postponeClaim } from './support/end-claim';
import { insertPendingOrders } from './support/insert-orders';
import { TestApp } from './support/test-app';

/**
 * Lists have one statement for each number of statuses (none, or 1 to 5), bounds of time and cursor:
 * 36 for one user, 36 when an admin reads them, and 30 for all users, where no status means all five.
 */
const LIST_STATEMENTS = 36 + 36 + 30;

/**
 * Lookups have one for each of three filters, with or without statuses, and for six bounds of time and
 * cursor, of one user or of all.
 */
const LOOKUP_STATEMENTS = 3 * 2 * 6 * 2;

/** SQLite keeps each as a prepared statement, so clients must not be able to cause many. */
describe('The SQL statements', () => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false', PROCESSING_MAX_ATTEMPTS: '100' });
  let user: SignedUp;
  let admin: SignedUp;
  const statements = new Set<string>();

  beforeAll(async () => {
    user = await app.api.signUp();
    admin = await app.signUpAdmin();
  });

  beforeEach(() => {
    statements.clear();
    jest.spyOn(app.dataSource.logger, 'logQuery').mockImplementation((sql) => {
      statements.add(sql);
    });
  });

  afterEach(() => jest.restoreAllMocks());

  it('do not depend on the number of entity tags in If-Match', async () => {
    const tags = (count: number) => Array.from({ length: count }, (_, n) => `"${n}-x"`).join(',');
    for (let count = 1; count <= 60; count++) {
      const { id } = await user.placeOrder();
      const cancel = () => user.patch(`/orders/${id}/cancel`);
      await cancel().set('If-Match', tags(count)).expect(412);
      await cancel()
        .set('If-Match', `${tags(count)},"1-0"`)
        .expect(200);
    }
    expect(statements.size).toBeLessThan(15);
  });

  it('are few for all filters of all lists', async () => {
    await insertPendingOrders(app.dataSource, user.userId, 3);
    const sets = Array.from({ length: 2 ** ORDER_STATUSES.length }, (_, bits) =>
      ORDER_STATUSES.filter((__, index) => bits & (1 << index)),
    );
    const ranges = [
      '',
      '&created_from=2026-01-01T00:00:00Z',
      '&created_to=2099-01-01T00:00:00Z',
      '&created_from=2026-01-01T00:00:00Z&created_to=2099-01-01T00:00:00Z',
    ];
    const read = async (path: string, reader: SignedUp) => {
      for (const [index, set] of sets.entries()) {
        for (const range of ranges) {
          const statuses = set.map((status) => `&status=${status}`).join('');
          const list = `${path}${range}${statuses}`;
          const { body } = await reader.get(`${list}&limit=1`).expect(200);
          const cursor = body.next_cursor as string | null;
          const rest = cursor ? `${list}&cursor=${cursor}` : list;
          await reader.get(`${rest}&limit=${index + 1}`).expect(200);
        }
      }
    };
    await read('/orders?', user);
    await read(`/admin/orders?user_id=${user.userId}`, admin);
    await read('/admin/orders?', admin);
    const lists = [...statements].filter((sql) => /ORDER BY "createdAt" DESC/.test(sql));
    expect(lists.length).toBeLessThanOrEqual(LIST_STATEMENTS);
    expect(statements.size - lists.length).toBeLessThan(15);
  }, 120_000);

  it('are few for all filters by reference and metadata, and do not depend on metadata', async () => {
    const filters = ['reference=r1', 'metadata[k1]=x', 'reference=r1&metadata[k1]=x'];
    const place = (n: number) => {
      const metadata = Object.fromEntries(Array.from({ length: n }, (_, i) => [`k${i}`, 'x']));
      return user.placeOrder({ product_name: 'Laptop', amount: 1, reference: `r${n}`, metadata });
    };
    for (let n = 1; n <= 40; n++) {
      const { id } = await place(n);
      const keys = Array.from({ length: n }, (_, i) => [`k${i * 2}`, i % 3 === 0 ? null : `${i}`]);
      await user.patch(`/orders/${id}`, { metadata: Object.fromEntries(keys) }).expect(200);
    }
    expect(statements.size).toBeLessThan(20);
    const own = statements.size;
    for (const [path, reader] of [
      ['/orders?', user],
      ['/admin/orders?', admin],
    ] as const) {
      for (const filter of filters) {
        for (const status of ['', '&status=pending', '&status=pending,failed,completed']) {
          for (const range of [
            '',
            '&created_from=2026-01-01T00:00:00Z',
            '&created_to=2099-01-01T00:00:00Z',
            '&created_from=2026-01-01T00:00:00Z&created_to=2099-01-01T00:00:00Z',
          ]) {
            const list = `${path}${filter}${status}${range}`;
            const { body } = await reader.get(`${list}&limit=1`).expect(200);
            const { next_cursor: cursor } = body as { next_cursor: string | null };
            if (cursor) await reader.get(`${list}&cursor=${cursor}`).expect(200);
          }
        }
      }
    }
    expect(statements.size - own).toBeLessThanOrEqual(LOOKUP_STATEMENTS);
  }, 120_000);

  it('do not depend on how many orders are processed together, or for how long they wait', async () => {
    const claims = app.nest.get(OrderClaims);
    const all = await claims.claim(1_000);
    for (const order of all) await completeClaim(app, order);
    statements.clear();
    for (let count = 1; count <= 40; count++) {
      await insertPendingOrders(app.dataSource, user.userId, count);
      const claimed = await claims.claim(count + 1);
      expect(claimed).toHaveLength(count);
      const leases = claimed.map(({ lease }) => lease);
      const renewals = await app.nest.get(OrderLeases).renew(leases);
      expect([...renewals.values()]).toEqual(['renewed']);
      const [first, ...rest] = claimed;
      await postponeClaim(app, first!, 'Later', 1_000 + count);
      for (const order of rest) await completeClaim(app, order);
    }
    // The statements of the test itself contain the number of orders.
    const own = [...statements].filter((sql) => /WITH RECURSIVE|NOT IN/.test(sql));
    expect(statements.size - own.length).toBeLessThan(15);
  }, 120_000);
});
