import {
  MAX_LOOKED_UP,
  type OrderFilter,
  orderLookupStatement,
} from '../src/orders/order-lookup-statement';
import { ORDER_STATUSES } from '../src/orders/order-status';
import { insertOrders } from './support/insert-orders';
import { expectLookup } from './support/query-plans';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';

const ORDERS = 20_000;
const START = Date.parse('2026-01-01T00:00:00.000Z');
const PAGE = 21;
const USERS = 3_000;

/** Half of many orders share a value, every tenth has another one, and many users use one reference. */
describe('the query plan of a page by reference or metadata', () => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false' });
  let userId: number;

  beforeAll(async () => {
    ({ userId } = await app.api.signUp());
    const other = await app.api.signUp();
    await insertOrders(
      app.dataSource,
      Array.from({ length: ORDERS }, (_, n) => ({
        userId: n % 2 === 0 ? userId : other.userId,
        status: ORDER_STATUSES[n % 4]!,
        createdAt: new Date(START + Math.floor(n / 10)),
        ...(n < ORDERS / 2 && { reference: `A-${n}` }),
        metadata: {
          ...(n % 4 < 2 && { channel: 'web' }),
          ...(n % 10 === 0 && { campaign: 'spring' }),
          number: String(n),
        },
      })),
    );
    await insertUsersWithReference(app, USERS, 'A-2');
    if (isPostgres()) await app.dataSource.query('VACUUM ANALYZE orders, order_metadata');
  }, 120_000);

  const frequent = { key: 'channel', value: 'web' };
  const rare = { key: 'campaign', value: 'spring' };
  const unique = { key: 'number', value: '10000' };
  const missing = { key: 'channel', value: 'fax' };
  const filters: [string, OrderFilter][] = [
    ['a frequent value', { metadata: frequent }],
    ['a rare value', { metadata: rare }],
    ['a unique value', { metadata: unique }],
    ['a value that no order has', { metadata: missing }],
    ['a frequent value with a status', { metadata: frequent, statuses: ['failed', 'pending'] }],
    [
      'a frequent value with a status that no order has',
      { metadata: frequent, statuses: ['failed'] },
    ],
    ['a reference', { reference: 'A-2' }],
    ['a reference with a status', { reference: 'A-2', statuses: ['pending'] }],
    ['a reference with a value', { reference: 'A-2', metadata: frequent }],
  ];
  const ranges: [string, OrderFilter][] = [
    ['', {}],
    [
      ' between two instants',
      { createdFrom: new Date(START + 1), createdTo: new Date(START + ORDERS / 10 - 10) },
    ],
  ];
  const positions = [
    ['the first page', undefined],
    ['a deep page', { createdAt: new Date(START + 1_500), id: 15_006 }],
  ] as const;

  describe.each([
    ['of a user', () => ({ userId })],
    ['of all users', () => ({})],
  ])('%s', (_, owner) => {
    it.each(
      filters.flatMap(([name, filter]) =>
        ranges.flatMap(([range, between]) =>
          positions.map(
            ([page, before]) =>
              [`${page} of ${name}${range}`, { ...filter, ...between }, before] as const,
          ),
        ),
      ),
    )('reads a bounded range of an index, without sorting: %s', async (__, filter, before) => {
      const of = { ...filter, ...owner() };
      const { sql, parameters } = orderLookupStatement(app.dataSource, of, before, PAGE);
      const statement = app.dataSource.driver.escapeQueryWithParameters(sql, parameters);
      const index = indexFor(of);
      const isFiltered = of.statuses !== undefined || (of.reference && of.metadata);
      const isOne = of.reference !== undefined && of.userId !== undefined;
      const read = isOne ? 1 : isFiltered ? MAX_LOOKED_UP : PAGE;
      await expectLookup(app.dataSource, { index, read, isOne }, ...statement);
    });
  });
});

/** Each of many users has an order with the same reference. */
async function insertUsersWithReference({ dataSource }: TestApp, count: number, reference: string) {
  const now = `'${new Date(START + 1_000).toISOString()}'`;
  await dataSource.query(
    `WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < ${count})
     INSERT INTO users (name, email, password_hash, role, created_at, updated_at)
     SELECT 'User', 'many' || n || '@example.com', '', 'customer', ${now}, ${now} FROM series`,
  );
  const users = await dataSource.query<{ id: number }[]>(
    `SELECT id FROM users WHERE email LIKE 'many%'`,
  );
  const orders = users.map(({ id }, n) => ({
    userId: id,
    createdAt: new Date(START + n),
    reference,
  }));
  await insertOrders(dataSource, orders);
}

function indexFor({ userId, reference }: OrderFilter): string {
  if (reference !== undefined) {
    return userId === undefined
      ? 'orders_reference_created_at_idx'
      : 'orders_user_id_reference_idx';
  }
  return userId === undefined
    ? 'order_metadata_key_value_created_at_idx'
    : 'order_metadata_user_id_key_value_created_at_idx';
}
