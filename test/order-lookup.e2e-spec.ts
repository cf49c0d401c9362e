import type { Response } from 'supertest';
import type { EntityManager } from 'typeorm';
import { MAX_LOOKED_UP } from '../src/orders/order-lookup-statement';
import type { OrderResponse } from '../src/orders/order.dto';
import type { OrderStatus } from '../src/orders/order-status';
import { type SignedUp, expectProblem } from './support/api-client';
import { insertOrders, insertOrdersWithValue } from './support/insert-orders';
import { TestApp } from './support/test-app';

interface Page {
  readonly data: OrderResponse[];
  readonly next_cursor: string | null;
}

const NOON = Date.parse('2026-01-31T12:00:00.000Z');
const STATUSES: OrderStatus[] = ['completed', 'pending', 'cancelled', 'failed', 'completed'];

/** Counts the characters that statements return. */
function watchLength(manager: EntityManager) {
  const query = manager.query.bind(manager);
  let length = 0;
  const spy = jest.spyOn(manager, 'query').mockImplementation(async (sql: string, parameters) => {
    const result: unknown = await query(sql, parameters as unknown[]);
    length += JSON.stringify(result).length;
    return result;
  });
  return {
    end: () => {
      spy.mockRestore();
      return length;
    },
  };
}

/** The same for both lists: one is of the user alone, the other is an admin's. */
describe.each(['/orders', '/admin/orders'])('GET %s by reference or metadata', (path) => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false' });
  let user: SignedUp;
  let other: SignedUp;
  let reader: SignedUp;
  /** Oldest first, two orders in each second. */
  let ids: number[];

  const at = (second: number) => encodeURIComponent(new Date(NOON + second * 1_000).toISOString());

  beforeAll(async () => {
    user = await app.api.signUp();
    other = await app.api.signUp();
    reader = path === '/orders' ? user : await app.signUpAdmin();
    ids = await insertOrders(
      app.dataSource,
      Array.from({ length: 20 }, (_, n) => ({
        userId: user.userId,
        status: STATUSES[n % 5]!,
        createdAt: new Date(NOON + Math.floor(n / 2) * 1_000),
        reference: `A-${n}`,
        metadata: { channel: n % 4 === 0 ? 'phone' : 'web', [`key${n}`]: '' },
      })),
    );
    await insertOrders(
      app.dataSource,
      [1, 2].map((n) => ({
        userId: other.userId,
        createdAt: new Date(NOON - n * 1_000),
        reference: `A-${n}`,
        metadata: { channel: 'web' },
      })),
    );
  });

  const isAdmins = path === '/admin/orders';

  /** All pages of a list: which orders of the user are on them, and how many of others. */
  async function list(query: string, limit = 3): Promise<{ own: number[]; others: number }> {
    const found: number[] = [];
    let cursor: string | null = null;
    do {
      const next = cursor === null ? '' : `&cursor=${cursor}`;
      const { body } = await reader.get(`${path}?${query}&limit=${limit}${next}`).expect(200);
      const { data, next_cursor } = body as Page;
      expect(data.length).toBeLessThanOrEqual(limit);
      found.push(...data.map(({ id }) => ids.indexOf(id)));
      cursor = next_cursor;
    } while (cursor !== null);
    const own = found.filter((n) => n >= 0);
    return { own, others: found.length - own.length };
  }

  const numbers = (matches: (n: number) => boolean) =>
    Array.from({ length: 20 }, (_, n) => 19 - n).filter(matches);
  const isWeb = (n: number) => n % 4 !== 0;
  const ofOthers = isAdmins ? 1 : 0;

  it.each<[string, (n: number) => boolean, number]>([
    ['metadata[channel]=web', isWeb, 2 * ofOthers],
    ['metadata%5Bchannel%5D=web', isWeb, 2 * ofOthers],
    ['metadata[channel]=phone', (n) => !isWeb(n), 0],
    ['metadata[key7]=', (n) => n === 7, 0],
    ['metadata[channel]=WEB', () => false, 0],
    ['metadata[Channel]=web', () => false, 0],
    ['metadata[channel]=', () => false, 0],
    ['metadata[toString]=x', () => false, 0],
    ['reference=A-2', (n) => n === 2, ofOthers],
    ['reference=A-19', (n) => n === 19, 0],
    ['reference=a-2', () => false, 0],
    ['reference=A-2&metadata[channel]=web', (n) => n === 2, ofOthers],
    ['reference=A-4&metadata[channel]=web', () => false, 0],
    ['reference=A-2&metadata[channel]=web&status=cancelled', (n) => n === 2, 0],
    ['reference=A-2&status=pending,completed', () => false, ofOthers],
    ['metadata[channel]=web&status=failed', (n) => isWeb(n) && n % 5 === 3, 0],
    [
      'metadata[channel]=web&status=completed,pending',
      (n) => isWeb(n) && [0, 1, 4].includes(n % 5),
      2 * ofOthers,
    ],
    [`metadata[channel]=web&created_from=${at(3)}`, (n) => isWeb(n) && n >= 6, 0],
    [`metadata[channel]=web&created_to=${at(3)}`, (n) => isWeb(n) && n < 6, 2 * ofOthers],
    [
      `metadata[channel]=web&created_from=${at(1)}&created_to=${at(8)}&status=completed`,
      (n) => isWeb(n) && n >= 2 && n < 16 && [0, 4].includes(n % 5),
      0,
    ],
  ])('lists what matches: %s', async (query, matches, others) => {
    for (const limit of [1, 3, 100]) {
      expect(await list(query, limit)).toEqual({ own: numbers(matches), others });
    }
  });

  it('shows the whole orders', async () => {
    const { body } = await reader.get(`${path}?metadata[key7]=&status=cancelled`).expect(200);
    const order = expect.objectContaining(await user.order(ids[7]!)) as object;
    expect(body).toEqual({ data: [order], next_cursor: null });
    expect(body.data[0].metadata).toEqual({ channel: 'web', key7: '' });
  });

  it('follows changes of the metadata', async () => {
    const { id } = await user.placeOrder({
      product_name: 'Laptop',
      amount: 1,
      metadata: { stage: 'new', kept: 'x' },
    });
    const found = async (query: string) =>
      ((await reader.get(`${path}?${query}`).expect(200)).body as Page).data.map((one) => one.id);
    expect(await found('metadata[stage]=new')).toEqual([id]);
    await user.patch(`/orders/${id}`, { metadata: { stage: 'old 🙂' } }).expect(200);
    expect(await found('metadata[stage]=new')).toEqual([]);
    expect(await found(`metadata[stage]=${encodeURIComponent('old 🙂')}`)).toEqual([id]);
    await user.patch(`/orders/${id}`, { metadata: { stage: null } }).expect(200);
    expect(await found(`metadata[stage]=${encodeURIComponent('old 🙂')}`)).toEqual([]);
    expect(await found('metadata[kept]=x')).toEqual([id]);
  });

  it('finds values of 500 emoji', async () => {
    const metadata = { long: '🙂'.repeat(500) };
    const { id } = await user.placeOrder({ product_name: 'Laptop', amount: 1, metadata });
    const { body } = await reader
      .get(`${path}?metadata[long]=${encodeURIComponent(metadata.long)}`)
      .expect(200);
    expect((body as Page).data.map((one) => one.id)).toEqual([id]);
  });

  it('continues when few of many orders with a value have the status', async () => {
    const owner = await app.api.signUp();
    const read = isAdmins ? reader : owner;
    const count = MAX_LOOKED_UP * 2 + 500;
    const inserted = await insertOrders(
      app.dataSource,
      Array.from({ length: count }, (_, n) => ({
        userId: owner.userId,
        status: n % 900 === 0 ? 'failed' : 'completed',
        createdAt: new Date(NOON + Math.floor(n / 50)),
        metadata: { shop: 'one' },
      })),
    );
    const pages: number[][] = [];
    let cursor: string | null = null;
    do {
      const next = cursor === null ? '' : `&cursor=${cursor}`;
      const query = `metadata[shop]=one&status=failed&limit=2${next}`;
      const { body } = await read.get(`${path}?${query}`).expect(200);
      const { data, next_cursor } = body as Page;
      pages.push(data.map(({ id }) => inserted.indexOf(id)));
      cursor = next_cursor;
    } while (cursor !== null && pages.length < 10);
    expect(pages.flat()).toEqual([1_800, 900, 0]);
    expect(pages).toHaveLength(3);
    expect(pages[0]).toEqual([1_800]);
  }, 60_000);

  it('returns a page without orders, and a cursor, when none of many orders has the status', async () => {
    const owner = await app.api.signUp();
    const read = isAdmins ? reader : owner;
    const value = `none of ${owner.userId}`;
    await insertOrdersWithValue(app.dataSource, owner.userId, MAX_LOOKED_UP * 2, 'shop', value);
    const sizes: number[] = [];
    let next: string | null = `${path}?metadata[shop]=${encodeURIComponent(value)}&status=failed`;
    while (next !== null && sizes.length < 10) {
      const response: Response = await read.get(next).expect(200);
      sizes.push((response.body as Page).data.length);
      next = /<([^>]+)>; rel="next"/.exec(response.headers['link'] ?? '')?.[1] ?? null;
    }
    expect(sizes).toEqual([0, 0, 0]);
  }, 60_000);

  it('ends a page early when the metadata of its orders is long, and reads no more of it', async () => {
    const owner = await app.api.signUp();
    const read = isAdmins ? reader : owner;
    const long = Array.from({ length: 50 }, (_, n) => [`key${n}`, '🙂'.repeat(500)]);
    const inserted = await insertOrders(
      app.dataSource,
      Array.from({ length: 45 }, (_, n) => ({
        userId: owner.userId,
        createdAt: new Date(NOON + n + 1_000_000),
        metadata: Object.fromEntries(long) as Record<string, string>,
      })),
    );
    const ofOwner = isAdmins ? `user_id=${owner.userId}&` : '';
    for (const filter of [
      ofOwner,
      `${ofOwner}metadata[key0]=${encodeURIComponent(long[0]![1]!)}&`,
    ]) {
      const found: number[] = [];
      const sizes: number[] = [];
      let cursor: string | null = null;
      do {
        const next = cursor === null ? '' : `&cursor=${cursor}`;
        const reading = watchLength(app.dataSource.manager);
        const response = await read.get(`${path}?${filter}limit=100${next}`).expect(200);
        expect(reading.end()).toBeLessThan(1_200_000);
        const { data, next_cursor } = response.body as Page;
        found.push(...data.map(({ id }) => inserted.indexOf(id)));
        sizes.push(data.length);
        cursor = next_cursor;
      } while (cursor !== null);
      expect(found).toEqual(Array.from({ length: 45 }, (_, n) => 44 - n));
      expect(sizes).toEqual([19, 19, 7]);
    }
  }, 60_000);

  it('links to the next page', async () => {
    const response = await reader.get(`${path}?metadata[channel]=web&limit=1`).expect(200);
    const [, next] = /^<([^>]+)>; rel="next"$/.exec(response.headers['link']!)!;
    const { body } = await reader.get(next!).expect(200);
    expect((body as Page).data.map(({ id }) => ids.indexOf(id))).toEqual([18]);
  });

  it.each([
    'metadata[channel]=phone',
    'metadata[key1]=web',
    'status=completed&metadata[channel]=web',
    'reference=A-1&metadata[channel]=web',
    '',
  ])('rejects the cursor of another list: %s', async (query) => {
    const { body } = await reader.get(`${path}?metadata[channel]=web&limit=1`).expect(200);
    const response = await reader.get(`${path}?${query}&cursor=${(body as Page).next_cursor}`);
    expectProblem(response, 400, 'invalid_cursor');
  });

  it.each([
    ['two keys', 'metadata[a]=1&metadata[b]=2', 'metadata'],
    ['two keys, one with two values', 'metadata[a]=1&metadata[a]=2&metadata[b]=3', 'metadata[a]'],
    ['a key twice', 'metadata[a]=1&metadata[a]=1', 'metadata[a]'],
    ['a list', 'metadata[]=a', 'metadata[]'],
    ['a list of values', 'metadata[a][]=1', 'metadata[a][]'],
    ['a nested key', 'metadata[a][b]=1', 'metadata[a][b]'],
    ['no key', 'metadata=a', 'metadata'],
    ['a value with and without a key', 'metadata=a&metadata[a]=1', 'metadata'],
    ['a key with a blank', 'metadata[a%20b]=1', 'metadata'],
    ['a key in another script', 'metadata[%D0%BA]=1', 'metadata'],
    ['a key of 41 characters', `metadata[${'k'.repeat(41)}]=1`, 'metadata'],
    ['an open bracket', 'metadata[a=1', 'metadata[a'],
    ['a NUL in the value', 'metadata[a]=%00', 'metadata'],
    ['a value of 501 characters', `metadata[a]=${'x'.repeat(501)}`, 'metadata'],
    ['an empty reference', 'reference=', 'reference'],
    ['a blank reference', 'reference=%20', 'reference'],
    ['a reference of 101 characters', `reference=${'x'.repeat(101)}`, 'reference'],
    ['a reference with a NUL', 'reference=a%00', 'reference'],
    ['two references', 'reference=a&reference=b', 'reference'],
    ['a reference with brackets', 'reference[]=a', 'reference[]'],
    ['a reference with a key', 'reference[a]=b', 'reference[a]'],
    ['a status with a key', 'status[a]=pending', 'status[a]'],
  ])('rejects %s', async (_, query, field) => {
    const response = await reader.get(`${path}?${query}`);
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field, message: expect.any(String) }]);
  });

  it('rejects a thousand keys', async () => {
    const query = Array.from({ length: 1_000 }, (_, n) => `metadata[k${n}]=`).join('&');
    const response = await reader.get(`${path}?${query}`);
    expectProblem(response, 400, 'validation_failed');
  });

  if (isAdmins) {
    it('combines with the user', async () => {
      const { body } = await reader
        .get(`${path}?metadata[channel]=web&user_id=${other.userId}`)
        .expect(200);
      expect((body as Page).data.map((one) => one.user_id)).toEqual([other.userId, other.userId]);
      const query = `reference=A-2&user_id=${other.userId}`;
      const { data } = (await reader.get(`${path}?${query}`).expect(200)).body as Page;
      expect(data.map((one) => one.reference)).toEqual(['A-2']);
    });
  }
});
