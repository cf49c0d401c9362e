import type { SelectQueryBuilder } from 'typeorm';
import { KeysetPages, rangesBefore } from '../src/api/keyset-pages';
import { Order } from '../src/orders/order.entity';
import { insertOrders } from './support/insert-orders';
import { expectIndexRanges } from './support/query-plans';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';

const ORDERS = 5_000;
const SAME_INSTANT = 50;
const START = Date.parse('2026-01-01T00:00:00.000Z');

describe('The pages of a query', () => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false' });
  let pages: KeysetPages;
  let userId: number;
  let newestFirst: number[];

  beforeAll(async () => {
    pages = app.nest.get(KeysetPages);
    ({ userId } = await app.api.signUp());
    const other = await app.api.signUp();
    await insertOrders(
      app.dataSource,
      Array.from({ length: ORDERS }, (_, n) => ({
        userId: n % 5 === 0 ? userId : other.userId,
        createdAt: new Date(START + Math.floor(n / SAME_INSTANT)),
      })),
    );
    if (isPostgres()) await app.dataSource.query('VACUUM ANALYZE orders');
    const own = await app.dataSource.getRepository(Order).findBy({ userId });
    newestFirst = own
      .toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || b.id - a.id)
      .map(({ id }) => id);
  });

  const own = (): SelectQueryBuilder<Order> =>
    app.dataSource
      .getRepository(Order)
      .createQueryBuilder('order')
      .where('order.userId = :userId', { userId });

  /** Follows the cursors to the end. */
  async function idsOfAllPages(limit: number): Promise<number[][]> {
    const result: number[][] = [];
    let cursor: string | undefined;
    do {
      const page = await pages.ofQuery(own(), 'own', { limit, ...(cursor && { cursor }) });
      result.push(page.rows.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    return result;
  }

  // Ten orders of the user have the same instant: pages end within such a group and between two.
  it.each([1, 7, 10, 100, 1_000, 1_001])(
    'contain every row once with limit %d, newest first',
    async (limit) => {
      const found = await idsOfAllPages(limit);
      expect(found.flat()).toEqual(newestFirst);
      expect(found).toHaveLength(Math.ceil(newestFirst.length / limit));
    },
  );

  it('have 20 entities by default', async () => {
    const { rows } = await pages.ofQuery(own(), 'own', {});
    expect(rows).toHaveLength(20);
    expect(rows[0]).toBeInstanceOf(Order);
    expect(rows[0]!.createdAt).toBeInstanceOf(Date);
  });

  it('leave the query unchanged', async () => {
    const query = own();
    const { nextCursor } = await pages.ofQuery(query, 'own', { limit: 3 });
    await pages.ofQuery(query, 'own', { limit: 3, cursor: nextCursor! });
    expect(await query.getCount()).toBe(newestFirst.length);
  });

  it('reject the cursor of another list', async () => {
    const { nextCursor } = await pages.ofQuery(own(), 'own', { limit: 3 });
    const request = pages.ofQuery(own(), 'another list', { limit: 3, cursor: nextCursor! });
    await expect(request).rejects.toThrow('The cursor does not belong to this list');
  });

  it('read only ranges of an index, without sorting, at any depth', async () => {
    for (const depth of [undefined, 5, 500, 995]) {
      const before =
        depth === undefined
          ? undefined
          : await app.dataSource.getRepository(Order).findOneByOrFail({ id: newestFirst[depth]! });
      for (const range of rangesBefore(own(), before, 21)) {
        await expectIndexRanges(app.dataSource, 21, ...range.getQueryAndParameters());
      }
    }
  });
});
