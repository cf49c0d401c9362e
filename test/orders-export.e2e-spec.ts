import type { OrderResponse } from '../src/orders/order.dto';
import { ORDER_STATUSES } from '../src/orders/order-status';
import { type SignedUp, expectProblem } from './support/api-client';
import { parseCsv } from './support/csv';
import { insertOrders, insertOrdersWithValue } from './support/insert-orders';
import { RawConnection, rawGet } from './support/raw-connection';
import { TestApp } from './support/test-app';

const NOON = Date.parse('2026-01-31T12:00:00.000Z');

/** Several pages of an export, and several orders of each instant. */
const ORDERS = 1_200;
const ORDERS_PER_INSTANT = 7;

const OWN_HEADER =
  'id,user_id,product_name,amount,status,created_at,updated_at,cancelled_at,cancel_reason,' +
  'completed_at,attempts,failure_reason,reference,metadata,next_attempt_at';

/** The same for both exports: one is of the user alone, the other is an admin's. */
describe.each(['/orders', '/admin/orders'])('GET %s/export', (list) => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false' });
  const path = `${list}/export`;
  const header = list === '/orders' ? OWN_HEADER : `${OWN_HEADER},lease_expires_at`;
  let user: SignedUp;
  let other: SignedUp;
  let reader: SignedUp;

  beforeAll(async () => {
    [user, other] = [await app.api.signUp(), await app.api.signUp()];
    reader = list === '/orders' ? user : await app.signUpAdmin();
    await insertOrders(
      app.dataSource,
      Array.from({ length: ORDERS }, (_, n) => ({
        userId: n % 10 === 0 ? other.userId : user.userId,
        status: ORDER_STATUSES[n % ORDER_STATUSES.length]!,
        createdAt: new Date(NOON + Math.floor(n / ORDERS_PER_INSTANT)),
        ...(n % 2 === 0 && { reference: `=A-${n}` }),
        ...(n % 3 === 0 && { metadata: { channel: n % 2 === 0 ? 'web' : '"phone"' } }),
      })),
    );
  });

  const exportCsv = async (query = '') => (await reader.get(`${path}?${query}`).expect(200)).text;

  const recordsOf = (csv: string) => {
    const [header = [], ...records] = parseCsv(csv);
    return records.map((cells) =>
      Object.fromEntries(header.map((name, index) => [name, cells[index]])),
    );
  };

  /** All orders of the list, page by page. */
  async function listAll(query: string): Promise<OrderResponse[]> {
    const orders: OrderResponse[] = [];
    for (let cursor = ''; ;) {
      const { body } = await reader.get(`${list}?limit=100&${query}${cursor}`).expect(200);
      orders.push(...(body.data as OrderResponse[]));
      if (body.next_cursor === null) return orders;
      cursor = `&cursor=${body.next_cursor}`;
    }
  }

  const asCells = (order: OrderResponse) =>
    Object.fromEntries(
      Object.entries(order)
        .filter(([name]) => name !== 'allowed_actions')
        .map(([name, value]: [string, string | number | object | null]) => [name, asCell(value)]),
    );

  const asCell = (value: string | number | object | null) => {
    if (typeof value === 'object') return value === null ? '' : JSON.stringify(value);
    return String(value).replace(/^=/, "'=");
  };

  it('requires authentication', async () => {
    expectProblem(await app.api.get(path), 401, 'unauthenticated');
  });

  it.each([
    ['no filter', ''],
    ['a status', 'status=failed'],
    ['two statuses', 'status=pending,completed'],
    ['a repeated status', 'status=pending&status[]=failed'],
    ['an instant to begin with', `created_from=${new Date(NOON + 50).toISOString()}`],
    ['an instant to end before', `created_to=${new Date(NOON + 50).toISOString()}`],
    ['metadata', 'metadata[channel]=web'],
    [
      'metadata and several statuses',
      'metadata[channel]=%22phone%22&status=failed,completed,pending,cancelled',
    ],
    ['several filters', `status=failed&created_from=${new Date(NOON + 9).toISOString()}`],
  ])('has the orders of the list, in its order, with %s', async (_, query) => {
    const listed = await listAll(query);
    expect(listed.length).toBeGreaterThan(ORDERS / 10);
    expect(recordsOf(await exportCsv(query))).toEqual(listed.map(asCells));
  });

  it('has the order with a reference', async () => {
    const records = recordsOf(await exportCsv('reference=%3DA-2'));
    expect(records).toEqual((await listAll('reference=%3DA-2')).map(asCells));
    expect(records).toHaveLength(1);
  });

  it('has the orders with a value under a key that every object inherits', async () => {
    const metadata = JSON.parse('{"constructor":"x","__proto__":"y"}') as Record<string, string>;
    const { id } = await user.placeOrder({ product_name: 'Phone', amount: 1, metadata });
    for (const filter of ['metadata[constructor]=x', 'metadata[__proto__]=y']) {
      expect(recordsOf(await exportCsv(filter)).map((record) => record['id'])).toEqual([`${id}`]);
    }
  });

  it('has the orders that come after thousands that do not match', async () => {
    const owner = await app.api.signUp();
    const old = await insertOrders(
      app.dataSource,
      [1, 2, 3].map((n) => ({
        userId: owner.userId,
        status: 'failed',
        createdAt: new Date(NOON + n),
        metadata: { shop: 'one' },
      })),
    );
    await insertOrdersWithValue(app.dataSource, owner.userId, 2_500, 'shop', 'one');
    const exporter = list === '/orders' ? owner : reader;
    const query = 'metadata[shop]=one&status=failed';
    const { text } = await exporter.get(`${path}?${query}`).expect(200);
    expect(recordsOf(text).map((record) => Number(record['id']))).toEqual(old.toReversed());
    expect(text.split(header)).toHaveLength(2);
    const none = await exporter.get(`${path}?metadata[shop]=one&status=cancelled`).expect(200);
    expect(none.text).toBe(`${header}\r\n`);
  }, 60_000);

  it('is a header without orders when none match', async () => {
    expect(await exportCsv('created_from=2027-01-01T00:00:00Z')).toBe(`${header}\r\n`);
  });

  it('neutralises what a spreadsheet would execute, and quotes what RFC 4180 requires', async () => {
    const names = ['=1+1', '+1', '-1', '@SUM(A1)', 'a;=1+1', 'say "hi", Zoë 😀', '0012'];
    const cells = [`'=1+1`, `'+1`, `'-1`, `'@SUM(A1)`, `"a;'=1+1"`, '"say ""hi"", Zoë 😀"', '0012'];
    const reason = '=HYPERLINK("http://127.0.0.1/")\r\nplease';
    const since = new Date().toISOString();
    for (const name of names) {
      const { id } = await user.placeOrder({ product_name: name, amount: 9_999_999_999.99 });
      await user.patch(`/orders/${id}/cancel`, { reason }).expect(200);
    }
    const csv = await exportCsv(`created_from=${since}`);
    for (const cell of cells) expect(csv).toContain(`,${cell},9999999999.99,cancelled,`);
    expect(csv).toContain(`,"'=HYPERLINK(""http://127.0.0.1/"")\r\nplease",`);
  });

  it('is a file to save, which nothing may store', async () => {
    const { headers } = await reader.get(path).expect(200);
    expect(headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="orders.csv"',
      'cache-control': 'no-store',
      'transfer-encoding': 'chunked',
      'x-content-type-options': 'nosniff',
    });
    expect(headers).not.toHaveProperty('etag');
  });

  it('responds to HEAD without reading orders', async () => {
    const query = jest.spyOn(app.dataSource.manager, 'query');
    const request = rawGet(`Connection: close\r\nAuthorization: Bearer ${reader.token}`, path);
    const response = await RawConnection.exchange(app.api.url, request.replace('GET', 'HEAD'));
    const reads = query.mock.calls.filter(([sql]) => sql.includes('ORDER BY'));
    query.mockRestore();
    expect(response).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]+\r\n\r\n$/);
    expect(response).toContain('attachment; filename="orders.csv"');
    expect(reads).toEqual([]);
  });

  it.each([
    ['a limit', 'limit=10', 'limit'],
    ['a cursor', 'cursor=a.b', 'cursor'],
    ['an unknown parameter', 'format=xlsx', 'format'],
    ['an unknown status', 'status=shipped', 'status'],
    ['a word as an instant', 'created_from=yesterday', 'created_from'],
    ['an instant twice', 'created_to=2026-01-31T12:00:00Z&created_to=x', 'created_to'],
    ['a user without id', 'user_id=0', 'user_id'],
  ])('rejects %s', async (_, query, field) => {
    const response = await reader.get(`${path}?${query}`);
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field, message: expect.any(String) }]);
    expect(response.headers).not.toHaveProperty('content-disposition');
  });

  if (list === '/orders') {
    it('has no orders of other users', async () => {
      const owners = new Set(recordsOf(await exportCsv()).map(({ user_id }) => user_id));
      expect([...owners]).toEqual([String(user.userId)]);
    });

    it('has no filter by user, even for the own id', async () => {
      const response = await reader.get(`${path}?user_id=${user.userId}`);
      expectProblem(response, 400, 'validation_failed');
    });
  } else {
    it('is for admins', async () => {
      expectProblem(await user.get(path), 403, 'forbidden');
    });

    it('has the orders of one user', async () => {
      const query = `user_id=${other.userId}&status=completed,failed,pending,cancelled,processing`;
      const listed = await listAll(query);
      expect(listed.length).toBeGreaterThanOrEqual(ORDERS / 10);
      expect(recordsOf(await exportCsv(query))).toEqual(listed.map(asCells));
    });
  }
});
