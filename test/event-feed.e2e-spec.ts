import type { EventDto } from '../src/events/event.dto';
import type { EventPageResponse } from '../src/events/event-requests.dto';
import { type ApiClient, type SignedUp, expectProblem } from './support/api-client';
import { insertPendingOrders } from './support/insert-orders';
import { TestApp } from './support/test-app';

describe('the feed of events', () => {
  const app = TestApp.forEachTest();
  let user: SignedUp;
  let admin: SignedUp;

  beforeEach(async () => {
    [user, admin] = [await app.api.signUp(), await app.signUpAdmin()];
  });

  const number = () => app.periodicWork.step();

  const page = async (query = '', client: ApiClient = user, path = '/events') =>
    (await client.get(`${path}${query}`).expect(200)).body as EventPageResponse;

  const adminPage = (query = '') => page(query, admin, '/admin/events');

  /** Reads as a consumer does, until there are no further events. */
  const readAll = async (read: typeof adminPage, query = 'limit=3') => {
    const events: EventDto[] = [];
    for (let after = 0; ;) {
      const { data, next_after, has_more } = await read(`?after=${after}&${query}`);
      events.push(...data);
      if (!has_more) return events;
      after = next_after;
    }
  };

  describe.each(['/events', '/admin/events'])('GET %s', (path) => {
    it('is empty before the first event', async () => {
      expect(await page('', admin, path)).toEqual({ data: [], next_after: 0, has_more: false });
    });

    it('rejects a position above the latest one', async () => {
      await user.placeOrder();
      await number();
      for (const after of [2, 999_999_999_999_999]) {
        const response = await admin.get(`${path}?after=${after}`);
        expectProblem(response, 400, 'validation_failed');
        expect(response.body).toMatchObject({ errors: [{ field: 'after' }] });
      }
      expect(await page('?after=1', admin, path)).toMatchObject({ data: [], next_after: 1 });
    });
  });

  it('is forbidden to customers under /admin', async () => {
    expectProblem(await user.get('/admin/events'), 403, 'forbidden');
  });

  it('has each transition of your orders, in order, and none of others', async () => {
    const order = await user.placeOrder({ product_name: 'Lamp', amount: 0.1, reference: 'A-1' });
    await admin.placeOrder();
    await user.patch(`/orders/${order.id}/cancel`, { reason: 'Ordered twice' }).expect(200);
    await number();
    const { data, next_after, has_more } = await page();
    const history = await user.history(order.id);
    expect(data).toEqual([
      {
        id: `evt_${order.id}_1`,
        type: 'order.created',
        timestamp: order.created_at,
        position: 1,
        data: {
          order_id: order.id,
          user_id: user.userId,
          sequence: 1,
          from: null,
          to: 'pending',
          actor: { type: 'user', id: user.userId },
          reason: null,
          product_name: 'Lamp',
          amount: 0.1,
          reference: 'A-1',
        },
      },
      {
        id: `evt_${order.id}_2`,
        type: 'order.cancelled',
        timestamp: history[1]!.created_at,
        position: 3,
        data: expect.objectContaining({
          sequence: 2,
          from: 'pending',
          to: 'cancelled',
          reason: 'Ordered twice',
        }),
      },
    ]);
    expect({ next_after, has_more }).toEqual({ next_after: 3, has_more: false });
  });

  it('shows the same events however large the pages are', async () => {
    await user.placeOrders(5);
    await admin.placeOrders(2);
    await app.processor.runOnce();
    await number();
    const all = await adminPage('?limit=500');
    expect(all.data.map(({ position }) => position)).toEqual(
      Array.from({ length: 21 }, (_, index) => index + 1),
    );
    for (const limit of [1, 2, 7, 20, 21]) {
      expect(await readAll(adminPage, `limit=${limit}`)).toEqual(all.data);
    }
    const own = all.data.filter(({ data }) => data.user_id === user.userId);
    expect(await readAll(page)).toEqual(own);
    expect(own).toHaveLength(15);
  });

  it('has more events while the page is full, and only then', async () => {
    await user.placeOrders(4);
    await number();
    expect(await page('?limit=3')).toMatchObject({ next_after: 3, has_more: true });
    expect(await page('?limit=4')).toMatchObject({ next_after: 4, has_more: false });
    expect(await page('?after=4')).toEqual({ data: [], next_after: 4, has_more: false });
  });

  it('returns the types that were asked for', async () => {
    await user.placeOrders(3);
    await app.processor.runOnce();
    await number();
    const types = async (query: string) =>
      (await readAll(page, query)).map(({ type }) => type.replace('order.', ''));
    expect(await types('limit=2&type=order.completed')).toEqual(Array(3).fill('completed'));
    expect(new Set(await types('type=order.created,order.processing'))).toEqual(
      new Set(['created', 'processing']),
    );
    expect(await types('type[]=order.created&type[]=order.failed')).toEqual(
      Array(3).fill('created'),
    );
    expect(await types('type=order.failed')).toEqual([]);
  });

  it('ends a page early when it has searched 5,000 events for rare ones', async () => {
    await insertPendingOrders(app.dataSource, user.userId, 5_600);
    const { id } = await user.placeOrder();
    await user.patch(`/orders/${id}/cancel`).expect(200);
    await number();
    const first = await page('?type=order.cancelled');
    expect(first).toEqual({ data: [], next_after: expect.any(Number), has_more: true });
    expect(first.next_after).toBeGreaterThanOrEqual(5_000);
    const second = await page(`?type=order.cancelled&after=${first.next_after}`);
    expect(second).toMatchObject({ data: [{ id: `evt_${id}_2` }], has_more: false });
  });

  it('does not change the events of an order whose status or metadata changes', async () => {
    const order = await user.placeOrder({ product_name: 'Lamp', amount: 1, reference: 'A-1' });
    await number();
    const before = await page();
    await user.patch(`/orders/${order.id}`, { metadata: { a: 'b' } }).expect(200);
    await app.processor.runOnce();
    await number();
    expect((await page('?limit=1')).data).toEqual(before.data);
  });

  it('is 410 below what retention has deleted, for the owner of those orders and admins', async () => {
    const other = await app.api.signUp();
    await user.placeOrder();
    await other.placeOrder();
    await number();
    await app.dataSource.query(
      `INSERT INTO deleted_events (user_id, position) VALUES (${user.userId}, 1)`,
    );
    for (const response of [
      await user.get('/events'),
      await user.get('/events?after=0&type=order.failed'),
      await admin.get('/admin/events?after=0'),
    ]) {
      expectProblem(response, 410, 'position_expired');
      expect(response.body).toMatchObject({ oldest_position: 2 });
    }
    expect(await page('?after=1')).toEqual({ data: [], next_after: 1, has_more: false });
    expect((await adminPage('?after=1')).data).toHaveLength(1);
    expect((await page('', other)).data).toHaveLength(1);
  });
});

describe.each(['/events', '/admin/events'])('GET %s', (path) => {
  const app = TestApp.forSuite();
  let admin: SignedUp;

  beforeAll(async () => {
    admin = await app.signUpAdmin();
  });

  it('requires authentication', async () => {
    expectProblem(await app.api.get(path), 401, 'unauthenticated');
  });

  it.each([
    ['after=-1', 'after'],
    ['after=1e3', 'after'],
    ['after=', 'after'],
    ['after=0x1', 'after'],
    ['after=abc', 'after'],
    ['after=9007199254740993', 'after'],
    ['after=1&after=2', 'after'],
    ['after[]=1', 'after[]'],
    ['after=%00', 'after'],
    ['limit=0', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=501', 'limit'],
    ['limit=1e9', 'limit'],
    ['limit=10&limit=20', 'limit'],
    ['type=order', 'type'],
    ['type=', 'type'],
    ['type=order.created,,', 'type'],
    ['type[__proto__]=order.created', 'type[__proto__]'],
    ['user_id=1', 'user_id'],
    ['cursor=abc', 'cursor'],
  ])('rejects %s', async (query, field) => {
    const response = await admin.get(`${path}?${query}`);
    expectProblem(response, 400, 'validation_failed');
    expect(response.body).toMatchObject({ errors: [{ field }] });
  });
});
