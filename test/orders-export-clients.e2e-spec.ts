import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { type SignedUp, expectProblem } from './support/api-client';
import { parseCsv } from './support/csv';
import { insertOrdersWithValue, insertPendingOrders } from './support/insert-orders';
import { MINUTE, RateLimitedApp, expectRateLimited } from './support/rate-limited-app';
import { startDownload } from './support/start-download';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

/** Some 18 MB: more than the buffers of a connection hold. */
const ORDERS = 20_000;
const LONG_NAME = '😀'.repeat(200);
const PAGES = ORDERS / 200;

const PATH = '/orders/export';

interface Faults {
  readonly failAt?: number;
  readonly error?: Error;
  /** Of each page. */
  readonly delayMs?: number;
}

/** Counts the pages that exports read, lets the n-th of them fail, and makes them slower. */
function watchPages(app: TestApp, { failAt, error, delayMs = 0 }: Faults = {}) {
  const { manager } = app.dataSource;
  const query = manager.query.bind(manager);
  const pages = { read: 0 };
  jest.spyOn(manager, 'query').mockImplementation(async (sql: string, parameters) => {
    const isPage = /ORDER BY ("createdAt"|placed_at) DESC/.test(sql);
    if (isPage && ++pages.read === failAt && error) throw error;
    if (isPage && delayMs > 0) await delay(delayMs);
    return query(sql, parameters as unknown[]);
  });
  return pages;
}

/** Waits until no further pages are read. */
async function stalled(pages: { readonly read: number }): Promise<number> {
  await waitUntil(async () => {
    const before = pages.read;
    // Several short delays: when the process stands still for a while, pages are read between two of them.
    for (let n = 0; n < 5; n++) await delay(100);
    return before > 0 && pages.read === before;
  });
  return pages.read;
}

describe('an export', () => {
  const app = TestApp.forSuite({
    PROCESSING_ENABLED: 'false',
    MAX_OPEN_ORDERS_PER_USER: String(2 * ORDERS),
  });
  let user: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
    await insertPendingOrders(app.dataSource, user.userId, ORDERS, LONG_NAME);
  }, 60_000);

  afterEach(async () => {
    jest.restoreAllMocks();
    await waitUntil(async () => (await user.get(`${PATH}?status=failed`)).status === 200);
  });

  it('reads only as much as its client does, and delays no other requests', async () => {
    const pages = watchPages(app);
    const response = await startDownload(user, PATH);
    const read = await stalled(pages);
    expect(read).toBeLessThan(PAGES / 2);

    const other = await app.api.signUp();
    const [{ id }] = await Promise.all([user.placeOrder(), other.get('/users/me').expect(200)]);
    expect(pages.read).toBe(read);

    const [, ...records] = parseCsv(await text(response));
    const ids = new Set(records.map(([cell]) => Number(cell)));
    expect(ids.size).toBe(ORDERS);
    expect(records).toHaveLength(ORDERS);
    expect(ids.has(id)).toBe(false); // placed after the export had begun
    expect(pages.read).toBe(PAGES + 1);
  }, 60_000);

  it('reads no further pages when its client disconnects', async () => {
    const pages = watchPages(app);
    const response = await startDownload(user, PATH);
    const read = await stalled(pages);
    const requestId = response.headers['x-request-id'];
    response.destroy();
    const isOfExport = (line: Record<string, unknown>) => line['request_id'] === requestId;
    await waitUntil(() => app.logLines.some(isOfExport));
    expect(await stalled(pages)).toBe(read);
    expect(app.logLines.filter(isOfExport)).toEqual([
      expect.objectContaining({ level: 'info', msg: 'request aborted' }),
    ]);
  });

  it.each([PATH, '/admin/orders/export'])(
    'reads no further pages when its client disconnects while none has an order: %s',
    async (path) => {
      const owner = await app.api.signUp();
      const reader = path === PATH ? owner : await app.signUpAdmin();
      await insertOrdersWithValue(app.dataSource, owner.userId, 60_000, 'shop', path);
      // Slow pages, because a client that disconnects may have ended only its side, for up to a second.
      const pages = watchPages(app, { delayMs: 50 });
      const response = await startDownload(
        reader,
        `${path}?status=failed&metadata[shop]=${encodeURIComponent(path)}`,
      );
      expect(response.statusCode).toBe(200);
      response.destroy();
      expect(await stalled(pages)).toBeLessThan(60 * 0.75);
    },
    60_000,
  );

  it('is cut when reading fails, and the log has the cause', async () => {
    watchPages(app, { failAt: 3, error: new Error('disk I/O error') });
    const response = await startDownload(user, PATH);
    expect(response.statusCode).toBe(200);
    await expect(text(response)).rejects.toThrow();
    expect(app.logLines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        request_id: response.headers['x-request-id'],
        err: expect.objectContaining({ message: 'disk I/O error' }),
      }),
    );
  });

  it('is a problem, and no file, when reading its first page fails', async () => {
    watchPages(app, { failAt: 1, error: new Error('disk I/O error') });
    const response = await user.get(PATH);
    expectProblem(response, 500, 'internal_error');
    expect(response.headers).not.toHaveProperty('content-disposition');
  });
});

describe('an export whose client reads nothing', () => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false' }, undefined, { inactivity: 4_000 });

  it('is cut after the time limit of inactive connections', async () => {
    const user = await app.api.signUp();
    await insertPendingOrders(app.dataSource, user.userId, ORDERS, LONG_NAME);
    const response = await startDownload(user, PATH);
    await waitUntil(async () => (await user.get(`${PATH}?status=failed`)).status === 200);
    await expect(text(response)).rejects.toThrow();
  }, 60_000);
});

describe('simultaneous exports', () => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false' });

  it('are one per user, four per instance, and two more of admins', async () => {
    const users: SignedUp[] = [];
    for (let n = 0; n < 5; n++) users.push(await app.api.signUp());
    const [first, , , , fifth] = users as [SignedUp, SignedUp, SignedUp, SignedUp, SignedUp];
    const admins: SignedUp[] = [];
    for (let n = 0; n < 3; n++) admins.push(await app.signUpAdmin());
    const [, , third] = admins as [SignedUp, SignedUp, SignedUp];
    for (const { userId } of users) {
      await insertPendingOrders(app.dataSource, userId, ORDERS, LONG_NAME);
    }

    const started = [await startDownload(first, PATH)];
    const second = await first.get(PATH);
    expectRateLimited(second, 60);
    expect(second.headers['ratelimit-policy']).toBe('"in-flight";q=1;qu="concurrent-requests"');
    for (const user of users.slice(1, 4)) started.push(await startDownload(user, PATH));
    // Customers occupy all places of theirs, and none of those for admins.
    const adminPath = '/admin/orders/export';
    for (const admin of admins.slice(0, 2)) started.push(await startDownload(admin, adminPath));
    expect(started.map(({ statusCode }) => statusCode)).toEqual(started.map(() => 200));
    for (const [client, path] of [
      [fifth, PATH],
      [third, adminPath],
    ] as const) {
      const rejected = await client.get(path);
      expectProblem(rejected, 503, 'service_unavailable');
      expect(rejected.headers['retry-after']).toBe('60');
    }
    // Other requests of a user who exports do not wait.
    await Promise.all(Array.from({ length: 8 }, () => first.get('/orders').expect(200)));

    started[0]!.destroy();
    await waitUntil(async () => (await fifth.get(`${PATH}?status=failed`)).status === 200);
    for (const response of started) response.destroy();
  }, 120_000);
});

describe('the quota of exports', () => {
  const { app } = RateLimitedApp.forEachTest();

  it('is ten per user in ten minutes', async () => {
    const [user, other] = [await app.api.signUp(), await app.api.signUp()];
    const { headers } = await user.get(PATH).expect(200);
    expect(headers['ratelimit-policy']).toContain('"user-route";q=10;w=600');
    for (let request = 1; request < 10; request++) await user.get(PATH).expect(200);

    expectRateLimited(await user.get(PATH), 600);
    await user.get('/orders').expect(200);
    await other.get(PATH).expect(200);
    app.clock.advance(10 * MINUTE);
    const { access_token } = await app.api.logIn(user.email);
    await app.api.withToken(access_token).get(PATH).expect(200);
  });
});
