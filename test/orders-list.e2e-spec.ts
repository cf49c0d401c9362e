import type { OrderResponse } from '../src/orders/order.dto';
import { type ApiClient, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

interface Page {
  readonly data: OrderResponse[];
  readonly next_cursor: string | null;
}

describe('GET /orders', () => {
  const app = TestApp.forSuite();

  async function list(user: ApiClient, query = ''): Promise<Page> {
    return (await user.get(`/orders${query}`).expect(200)).body as Page;
  }

  async function placeOrders(user: ApiClient, count: number): Promise<number[]> {
    const ids: number[] = [];
    for (let n = 1; n <= count; n++) {
      ids.push((await user.placeOrder({ product_name: `Laptop ${n}`, amount: n })).id);
    }
    return ids;
  }

  it('requires authentication', async () => {
    expectProblem(await app.api.get('/orders'), 401, 'unauthenticated');
  });

  it('is an empty page for a user without orders', async () => {
    const user = await app.api.signUp();
    expect(await list(user)).toEqual({ data: [], next_cursor: null });
  });

  it('lists orders as GET /orders/:id returns them', async () => {
    const user = await app.api.signUp();
    const placed = await user.placeOrder();
    expect(await list(user)).toEqual({ data: [await user.order(placed.id)], next_cursor: null });
  });

  it('lists only the orders of the current user, newest first', async () => {
    const [user, other] = [await app.api.signUp(), await app.api.signUp()];
    const first = await user.placeOrder();
    const foreign = await other.placeOrder();
    const second = await user.placeOrder();

    expect((await list(user)).data.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect((await list(other)).data.map(({ id }) => id)).toEqual([foreign.id]);
  });

  it('keeps the position of an order when its status changes', async () => {
    const user = await app.api.signUp();
    const [first, second] = await placeOrders(user, 2);
    await user.patch(`/orders/${first}/cancel`).expect(200);

    const { data } = await list(user);
    expect(data.map(({ id, status }) => [id, status])).toEqual([
      [second, 'pending'],
      [first, 'cancelled'],
    ]);
  });

  describe('in pages', () => {
    let user: ApiClient;
    let newestFirst: number[];

    beforeAll(async () => {
      user = await app.api.signUp();
      newestFirst = (await placeOrders(user, 21)).toReversed();
    });

    it('has 20 orders by default', async () => {
      const page = await list(user);
      expect(page.data.map(({ id }) => id)).toEqual(newestFirst.slice(0, 20));
      expect(page.next_cursor).toEqual(expect.any(String));
    });

    it.each([1, 2, 20, 21, 100])(
      'shows at most %i orders when asked for that many',
      async (limit) => {
        const page = await list(user, `?limit=${limit}`);
        expect(page.data.map(({ id }) => id)).toEqual(newestFirst.slice(0, limit));
      },
    );

    it('has no cursor on the last page, even when that page is full', async () => {
      expect((await list(user, '?limit=21')).next_cursor).toBeNull();
      const first = await list(user, '?limit=20');
      const last = await list(user, `?limit=1&cursor=${first.next_cursor}`);
      expect(last).toMatchObject({ data: [{ id: newestFirst.at(-1) }], next_cursor: null });
    });

    it('continues after a page of another size', async () => {
      const { next_cursor } = await list(user, '?limit=3');
      const { data } = await list(user, `?limit=2&cursor=${next_cursor}`);
      expect(data.map(({ id }) => id)).toEqual(newestFirst.slice(3, 5));
    });

    it('returns cursors that need no encoding in a query', async () => {
      const { next_cursor } = await list(user, '?limit=1');
      expect(next_cursor).toBe(encodeURIComponent(String(next_cursor)));
    });
  });

  it('lists every order exactly once while others are being placed', async () => {
    const [user, other] = [await app.api.signUp(), await app.api.signUp()];
    const placed = await placeOrders(user, 11);

    const seen: number[] = [];
    let query = '?limit=3';
    for (let isLast = false; !isLast;) {
      const [{ data, next_cursor }] = await Promise.all([
        list(user, query),
        user.placeOrder(),
        other.placeOrder(),
      ]);
      seen.push(...data.map(({ id }) => id));
      query = `?limit=3&cursor=${next_cursor}`;
      isLast = next_cursor === null;
    }

    expect(seen.filter((id) => placed.includes(id))).toEqual(placed.toReversed());
    expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => b - a));
  });

  describe('with a bad query', () => {
    let user: ApiClient;
    let cursor: string;

    beforeAll(async () => {
      user = await app.api.signUp();
      await placeOrders(user, 3);
      cursor = (await list(user, '?limit=1')).next_cursor!;
    });

    it.each([
      ['0', 'limit=0'],
      ['-0', 'limit=-0'],
      ['-1', 'limit=-1'],
      ['101', 'limit=101'],
      ['1e9', 'limit=1e9'],
      ['1e1', 'limit=1e1'],
      ['1000000000', 'limit=1000000000'],
      ['2^64', 'limit=18446744073709551616'],
      ['an empty string', 'limit='],
      ['no value', 'limit'],
      ['a blank and 5', 'limit=%205'],
      ['+5', 'limit=%2B5'],
      ['1.5', 'limit=1.5'],
      ['1.0', 'limit=1.0'],
      ['0x10', 'limit=0x10'],
      ['a word', 'limit=many'],
      ['NaN', 'limit=NaN'],
      ['a full-width digit', 'limit=%EF%BC%95'],
      ['a NUL', 'limit=5%00'],
      ['5, twice', 'limit=5&limit=5'],
    ])('rejects a limit of %s', async (_, query) => {
      const response = await user.get(`/orders?${query}`);
      expectProblem(response, 400, 'validation_failed');
      expect(response.body.errors).toEqual([{ field: 'limit', message: expect.any(String) }]);
    });

    it.each([
      'limit[]',
      'limit[a]',
      'LIMIT',
      'offset',
      'page',
      'user_id',
      '__proto__',
      'constructor',
      'hasOwnProperty',
    ])('rejects the unknown parameter %s', async (parameter) => {
      const response = await user.get(`/orders?${parameter}=1`);
      expectProblem(response, 400, 'validation_failed');
      expect(response.body.errors).toEqual([{ field: parameter, message: expect.any(String) }]);
    });

    it.each<[string, () => string]>([
      ['is empty', () => ''],
      ['is any word', () => 'abc'],
      ['is a dot', () => '.'],
      ['is an id', () => '1'],
      ['has a NUL', () => `${cursor}%00`],
      ['has an emoji', () => '%F0%9F%99%82'],
      ['is truncated', () => cursor.slice(0, -1)],
      ['has lost its signature', () => cursor.split('.')[0]!],
      ['has an empty signature', () => `${cursor.split('.')[0]}.`],
      ['has another position', () => `1${cursor}`],
      ['has another signature', () => cursor.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
      ['continues after its end', () => `${cursor}x`],
      ['has an additional part', () => `${cursor}.x`],
      ['is in upper case', () => cursor.toUpperCase()],
    ])('rejects a cursor that %s', async (_, altered) => {
      const response = await user.get(`/orders?cursor=${altered()}`);
      expectProblem(response, 400, 'invalid_cursor');
    });

    it('rejects the cursor of another user', async () => {
      const other = await app.api.signUp();
      await placeOrders(other, 2);
      const foreign = (await list(other, '?limit=1')).next_cursor;

      expectProblem(await user.get(`/orders?cursor=${foreign}`), 400, 'invalid_cursor');
    });

    it.each<[string, () => string]>([
      ['given twice', () => `cursor=${cursor}&cursor=${cursor}`],
      ['longer than any real one', () => `cursor=${'x'.repeat(1000)}`],
    ])('rejects a cursor %s', async (_, query) => {
      const response = await user.get(`/orders?${query()}`);
      expectProblem(response, 400, 'validation_failed');
      expect(response.body.errors).toEqual([{ field: 'cursor', message: expect.any(String) }]);
    });
  });
});
