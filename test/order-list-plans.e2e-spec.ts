import { findAdminOrders, findOrders } from '../src/orders/find-orders';
import { OrderList } from '../src/orders/order-list';
import type { ListFilter } from '../src/orders/order-list-statement';
import { ORDER_STATUSES } from '../src/orders/order-status';
import { insertOrders } from './support/insert-orders';
import { expectIndexRanges } from './support/query-plans';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';

const ORDERS = 20_000;
const START = Date.parse('2026-01-01T00:00:00.000Z');
const PAGE = 21;

/** On a table with many rows, most of which do not match the filter. */
describe('the query plan of a page', () => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false' });
  let userId: number;

  beforeAll(async () => {
    ({ userId } = await app.api.signUp());
    const other = await app.api.signUp();
    // Ten orders in each instant. One order in fifty has failed, all of them long ago.
    const hasFailed = (n: number) => n < ORDERS / 5 && n % 10 === 0;
    await insertOrders(
      app.dataSource,
      Array.from({ length: ORDERS }, (_, n) => ({
        userId: n % 5 === 0 ? userId : other.userId,
        status: hasFailed(n) ? 'failed' : ORDER_STATUSES[n % 4]!,
        createdAt: new Date(START + Math.floor(n / 10)),
      })),
    );
    if (isPostgres()) await app.dataSource.query('VACUUM ANALYZE orders');
  }, 60_000);

  const createdFrom = new Date(START + 1);
  const createdTo = new Date(START + ORDERS / 10 - 10);
  const filters: [string, () => ListFilter][] = [
    ['orders of a user', () => ({ userId })],
    ['orders of a user with a frequent status', () => ({ userId, statuses: ['completed'] })],
    ['orders of a user with a rare status', () => ({ userId, statuses: ['failed'] })],
    ['orders of a user with two', () => ({ userId, statuses: ['pending', 'failed'] })],
    ['orders of a user with any status', () => ({ userId, statuses: ORDER_STATUSES })],
    ['orders of all users', () => ({})],
    ['orders of all users with a rare status', () => ({ statuses: ['failed'] })],
    ['orders of all users with two', () => ({ statuses: ['pending', 'failed'] })],
  ];
  const ranges: [string, Pick<ListFilter, 'createdFrom' | 'createdTo'>][] = [
    ['', {}],
    [' since an instant', { createdFrom }],
    [' until an instant', { createdTo }],
    [' between two instants', { createdFrom, createdTo }],
  ];
  const positions = [
    ['the first page', undefined],
    ['a deep page', { createdAt: new Date(START + 500), id: 5_006 }],
    ['one of the last pages', { createdAt: new Date(START + 200), id: 2_006 }],
  ] as const;

  it.each(
    filters.flatMap(([filter, of]) =>
      ranges.flatMap(([range, between]) =>
        positions.map(
          ([page, before]) =>
            [`${page} of the ${filter}${range}`, () => ({ ...of(), ...between }), before] as const,
        ),
      ),
    ),
  )('reads ranges of an index only, without sorting: %s', async (_, filter, before) => {
    await expectRanges(() => findOrders(app.dataSource, filter(), before, PAGE));
  });

  type Execute = (filter: ListFilter, before: (typeof positions)[number][1]) => Promise<unknown>;

  it.each<[string, Execute]>([
    ['for admins', (filter, before) => findAdminOrders(app.dataSource, filter, before, PAGE)],
    ['of ids', (filter) => app.nest.get(OrderList).newestIds(filter, PAGE)],
    ['that is counted', (filter) => app.nest.get(OrderList).count(filter, PAGE)],
  ])('reads ranges of an index only, without sorting: any page %s', async (_, execute) => {
    for (const [, filter] of filters) {
      for (const [, between] of ranges) {
        for (const [, before] of positions) {
          await expectRanges(() => execute({ ...filter(), ...between }, before));
        }
      }
    }
  });

  /** Of the statement that is executed, with all that is around the ranges. */
  async function expectRanges(execute: () => Promise<unknown>): Promise<void> {
    const query = jest.spyOn(app.dataSource.manager, 'query');
    await execute();
    const statements = query.mock.calls;
    query.mockRestore();
    expect(statements).toHaveLength(1);
    const [sql, parameters] = statements[0]!;
    await expectIndexRanges(app.dataSource, PAGE, sql, parameters as unknown[]);
  }
});
