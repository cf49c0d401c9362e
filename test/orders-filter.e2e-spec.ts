import type { Response } from 'supertest';
import type { OrderStatus } from '../src/orders/order-status';
import { type SignedUp, expectProblem } from './support/api-client';
import { insertOrders } from './support/insert-orders';
import { TestApp } from './support/test-app';

interface Page {
  readonly data: { id: number }[];
  readonly next_cursor: string | null;
}

const NOON = Date.parse('2026-01-31T12:00:00.000Z');

/** The same for both lists: one is of the user alone, the other is an admin's. */
describe.each(['/orders', '/admin/orders'])('GET %s', (path) => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false' });
  let user: SignedUp;
  let reader: SignedUp;
  /** Oldest first, a second apart. */
  let ids: number[];

  const STATUSES: OrderStatus[] = [
    'completed',
    'pending',
    'cancelled',
    'processing',
    'failed',
    'completed',
    'pending',
  ];
  const at = (second: number, milliseconds = 0) =>
    encodeURIComponent(new Date(NOON + second * 1000 + milliseconds).toISOString());

  beforeAll(async () => {
    user = await app.api.signUp();
    reader = path === '/orders' ? user : await app.signUpAdmin();
    ids = await insertOrders(
      app.dataSource,
      STATUSES.map((status, second) => ({
        userId: user.userId,
        status,
        createdAt: new Date(NOON + second * 1000),
      })),
    );
  });

  /** Which of the orders are listed, by their place in {@link STATUSES}. */
  async function list(query: string): Promise<number[]> {
    const { body } = await reader.get(`${path}?${query}`).expect(200);
    return (body.data as { id: number }[]).map(({ id }) => ids.indexOf(id));
  }

  it.each([
    ['pending', [6, 1]],
    ['failed', [4]],
    ['pending,completed', [6, 5, 1, 0]],
    ['completed,pending', [6, 5, 1, 0]],
    ['completed,completed', [5, 0]],
    ['failed%2Cprocessing%2Ccancelled', [4, 3, 2]],
    ['pending,processing,completed,cancelled,failed', [6, 5, 4, 3, 2, 1, 0]],
  ])('lists the orders with the status %s', async (status, expected) => {
    expect(await list(`status=${status}`)).toEqual(expected);
  });

  it.each([
    ['repeated, as generated clients do', 'status=pending&status=completed'],
    ['repeated with brackets, as axios does', 'status[]=pending&status[]=completed'],
    ['with encoded brackets', 'status%5B%5D=pending&status%5B%5D=completed'],
    ['in all notations', 'status=pending&status[]=pending,completed&status=completed'],
  ])('accepts several statuses %s', async (_, query) => {
    expect(await list(query)).toEqual([6, 5, 1, 0]);
  });

  it('accepts one status with brackets, and the same one twice', async () => {
    expect(await list('status[]=failed')).toEqual([4]);
    expect(await list('status=failed&status=failed')).toEqual([4]);
  });

  it('accepts 100 values of a list, and rejects 101', async () => {
    const repeat = (count: number) =>
      Array.from({ length: count }, () => 'status=failed').join('&');
    expect(await list(repeat(100))).toEqual([4]);
    const response = await reader.get(`${path}?${repeat(101)}`);
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([
      { field: 'status', message: 'status must have at most 100 values' },
    ]);
  });

  it.each([
    ['limit=2&limit=3', 'limit', 'limit was given 2 times, but accepts one value'],
    ['cursor=a&cursor=a&cursor=b', 'cursor', 'cursor was given 3 times, but accepts one value'],
    ['limit[]=1', 'limit[]', 'limit accepts one value, without brackets'],
    [
      'created_from=2026-01-31T12:00:00Z&created_from=2026-01-31T12:00:00Z',
      'created_from',
      'created_from was given 2 times, but accepts one value',
    ],
    [
      'created_from=2026-01-01T00:00:00+02:00',
      'created_from',
      'created_from has a blank in place of a plus sign: write the plus sign as %2B',
    ],
    [
      'created_to=2026-01-01T00:00:00',
      'created_to',
      'created_to must be an instant like 2026-01-31T12:00:00.000Z',
    ],
  ])('explains what is wrong with %s', async (query, field, message) => {
    const response = await reader.get(`${path}?${query}`);
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field, message }]);
  });

  it('lists orders from an instant on, inclusive', async () => {
    expect(await list(`created_from=${at(5)}`)).toEqual([6, 5]);
    expect(await list(`created_from=${at(5, 1)}`)).toEqual([6]);
    expect(await list(`created_from=${at(6, 1)}`)).toEqual([]);
  });

  it('lists orders up to an instant, exclusive', async () => {
    expect(await list(`created_to=${at(1)}`)).toEqual([0]);
    expect(await list(`created_to=${at(1, 1)}`)).toEqual([1, 0]);
  });

  it('accepts instants with an offset, and with more than three decimals', async () => {
    expect(await list('created_from=2026-01-31T14:00:05%2B02:00')).toEqual([6, 5]);
    expect(await list('created_from=2026-01-31T12:00:05.0000001Z')).toEqual([6]);
    expect(await list('created_to=2026-01-31T12:00:01.0000001Z')).toEqual([1, 0]);
  });

  it('lists no orders when the bounds are in the wrong order', async () => {
    expect(await list(`created_from=${at(5)}&created_to=${at(2)}`)).toEqual([]);
  });

  it('combines filters', async () => {
    expect(
      await list(`status=pending,completed&created_from=${at(1)}&created_to=${at(6)}`),
    ).toEqual([5, 1]);
  });

  it('links to the next page of the same list, until the last one', async () => {
    const seen: number[] = [];
    const filter = `status=pending,completed,failed&created_from=${at(1)}&limit=2`;
    let next: string | undefined = `${path}?${filter}`;
    const pages: string[] = [];
    while (next !== undefined) {
      pages.push(next);
      const response: Response = await reader.get(next).expect(200);
      const { body, headers } = response as { body: Page; headers: Record<string, string> };
      seen.push(...body.data.map(({ id }) => ids.indexOf(id)));
      const link: string | undefined = headers['link'];
      next = link && /^<([^>]+)>; rel="next"$/.exec(link)![1];
      if (next !== undefined) {
        const query = new URLSearchParams(next.split('?')[1]);
        expect(next.split('?')[0]).toBe(path);
        expect(Object.fromEntries(query)).toEqual({
          ...Object.fromEntries(new URLSearchParams(filter)),
          cursor: body.next_cursor,
        });
      } else {
        expect(body.next_cursor).toBeNull();
      }
    }
    expect(seen).toEqual([6, 5, 4, 1]);
    expect(pages).toHaveLength(2);
  });

  it('links to the next page of a list whose status is repeated', async () => {
    const query = 'status=pending&status%5B%5D=completed&limit=3';
    const response = await reader.get(`${path}?${query}`).expect(200);
    const [, next] = /^<([^>]+)>; rel="next"$/.exec(response.headers['link']!)!;
    expect(next).toBe(`${path}?${query}&cursor=${response.body.next_cursor}`);
    expect(await list(next!.split('?')[1]!)).toEqual([0]);
  });

  it('continues with the same filter in another notation', async () => {
    const first = await reader.get(
      `${path}?status=pending,completed&created_from=${at(0)}&limit=1`,
    );
    const cursor: string = first.body.next_cursor;
    const since = `created_from=2026-01-31T13:00:00%2B01:00&cursor=${cursor}`;
    expect(await list(`status=completed,pending&${since}`)).toEqual([5, 1, 0]);
    expect(await list(`status[]=completed&status[]=pending&${since}`)).toEqual([5, 1, 0]);
  });

  describe('with a bad query', () => {
    it.each([
      ['an unknown status', 'status=shipped', 'status'],
      ['a status in capitals', 'status=PENDING', 'status'],
      ['one unknown status among others', 'status=pending,shipped', 'status'],
      ['no status', 'status=', 'status'],
      ['a comma', 'status=,', 'status'],
      ['an additional comma', 'status=pending,', 'status'],
      ['a blank', 'status=pending,%20failed', 'status'],
      ['a NUL', 'status=pending%00', 'status'],
      ['an unknown status among repeated ones', 'status=pending&status=shipped', 'status'],
      ['an unknown status with brackets', 'status[]=pending&status[]=shipped', 'status'],
      ['a status with an index', 'status[0]=pending', 'status[0]'],
      ['an unknown parameter twice', 'sort=amount&sort=id', 'sort'],
      ['a property of objects', 'status=__proto__', 'status'],
      ['another property of objects', 'status=constructor', 'status'],
      ['no instant', 'created_from=', 'created_from'],
      ['a word', 'created_from=yesterday', 'created_from'],
      ['a day', 'created_from=2026-01-31', 'created_from'],
      ['an instant without offset', 'created_to=2026-01-31T12:00:00', 'created_to'],
      ['the 30th of February', 'created_to=2026-02-30T12:00:00Z', 'created_to'],
      ['a number', 'created_to=1769860800000', 'created_to'],
      ['a plus that was not encoded', 'created_to=2026-01-31T12:00:00+02:00', 'created_to'],
      ['year 10000', 'created_to=%2B010000-01-01T00:00:00Z', 'created_to'],
      [
        'an instant twice',
        'created_from=2026-01-31T12:00:00Z&created_from=2026-01-31T12:00:00Z',
        'created_from',
      ],
      ['a limit of 0', 'limit=0', 'limit'],
      ['a limit of -1', 'limit=-1', 'limit'],
      ['a limit of 101', 'limit=101', 'limit'],
      ['a limit of 1e9', 'limit=1e9', 'limit'],
      ['a limit twice', 'limit=1&limit=1', 'limit'],
      ['a limit with brackets', 'limit[]=1', 'limit[]'],
      ['an unknown parameter', 'sort=amount', 'sort'],
    ])('rejects %s', async (_, query, field) => {
      const response = await reader.get(`${path}?${query}`);
      expectProblem(response, 400, 'validation_failed');
      expect(response.body.errors).toEqual([{ field, message: expect.any(String) }]);
    });

    it.each([
      ['no filter', ''],
      ['another status', 'status=failed'],
      ['an additional status', 'status=pending,completed,failed'],
      ['an additional instant', `status=pending,completed&created_from=${at(0)}`],
      ['another additional instant', `status=pending,completed&created_to=${at(9)}`],
    ])('rejects the cursor of a list with a filter when there is %s', async (_, query) => {
      const { body } = await reader.get(`${path}?status=pending,completed&limit=1`).expect(200);
      const response = await reader.get(`${path}?${query}&cursor=${body.next_cursor}`);
      expectProblem(response, 400, 'invalid_cursor');
    });
  });
});
