import type { OrderStatus } from '../src/orders/order-status';
import { type ApiClient, type SignedUp, expectProblem } from './support/api-client';
import { asAdminSees } from './support/as-admin-sees';
import { type InsertedOrder, insertOrders } from './support/insert-orders';
import { TestApp } from './support/test-app';
import { moveWallClock, resetWallClock } from './support/wall-clock';

describe('administration of orders', () => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false' });
  let user: SignedUp;
  let other: SignedUp;
  let admin: SignedUp;

  beforeAll(async () => {
    [user, other] = [await app.api.signUp(), await app.api.signUp()];
    admin = await app.signUpAdmin();
  });

  describe('GET /admin/orders', () => {
    const list = async (query = '') => {
      const { body } = await admin.get(`/admin/orders${query}`).expect(200);
      return (body.data as { id: number }[]).map(({ id }) => id);
    };

    it('requires authentication', async () => {
      expectProblem(await app.api.get('/admin/orders'), 401, 'unauthenticated');
    });

    it('is for admins', async () => {
      expectProblem(await user.get('/admin/orders'), 403, 'forbidden');
    });

    it('lists the orders of all users, newest first, as their owners see them', async () => {
      const first = await user.placeOrder();
      const second = await other.placeOrder();
      const third = await user.placeOrder();
      const { body } = await admin.get('/admin/orders?limit=3').expect(200);
      expect(body.data).toEqual([third, second, first].map(asAdminSees));
    });

    it('lists the orders of one user', async () => {
      const placed = await other.placeOrder();
      await user.placeOrder();
      expect((await list(`?user_id=${other.userId}`))[0]).toBe(placed.id);
      const mine = await user.get('/orders').expect(200);
      const { body } = await admin.get(`/admin/orders?user_id=${user.userId}`).expect(200);
      const own = mine.body.data as object[];
      expect(body.data).toEqual(own.map(asAdminSees));
      expect(await list(`?user_id=${admin.userId}`)).toEqual([]);
      expect(await list(`?user_id=${Number.MAX_SAFE_INTEGER}`)).toEqual([]);
    });

    it.each(['', '0', '-1', '1.0', '1e3', '01', 'abc', '9007199254740992', '1%00', '1,2'])(
      'rejects the user_id "%s"',
      async (id) => {
        const response = await admin.get(`/admin/orders?user_id=${id}`);
        expectProblem(response, 400, 'validation_failed');
        expect(response.body.errors).toEqual([{ field: 'user_id', message: expect.any(String) }]);
      },
    );

    it('rejects a user_id that is given twice', async () => {
      const response = await admin.get('/admin/orders?user_id=1&user_id=1');
      expectProblem(response, 400, 'validation_failed');
    });

    it.each<[string, () => string, () => ApiClient, string]>([
      ['of a user', () => '/orders?limit=1', () => user, '/admin/orders?cursor='],
      [
        'of an admin, for one user',
        () => `/admin/orders?user_id=${user.userId}&limit=1`,
        () => admin,
        '/admin/orders?cursor=',
      ],
      ['of an admin', () => '/admin/orders?limit=1', () => admin, '/orders?cursor='],
    ])('rejects the cursor of another list: one %s', async (_, from, owner, to) => {
      const { body } = await owner().get(from()).expect(200);
      expect(body.next_cursor).toEqual(expect.any(String));
      expectProblem(await admin.get(`${to}${body.next_cursor}`), 400, 'invalid_cursor');
    });

    it('rejects the cursor of another admin', async () => {
      const { body } = await (await app.signUpAdmin()).get('/admin/orders?limit=1').expect(200);
      const response = await admin.get(`/admin/orders?cursor=${body.next_cursor}`);
      expectProblem(response, 400, 'invalid_cursor');
    });
  });

  describe('GET /admin/orders/:id', () => {
    it('requires authentication', async () => {
      expectProblem(await app.api.get('/admin/orders/1'), 401, 'unauthenticated');
    });

    it('is for admins, even for the owner of the order', async () => {
      const { id } = await user.placeOrder();
      expectProblem(await user.get(`/admin/orders/${id}`), 403, 'forbidden');
    });

    it('returns an order of any user, as its owner sees it', async () => {
      const placed = await other.placeOrder();
      const response = await admin.get(`/admin/orders/${placed.id}`).expect(200);
      expect(response.body).toEqual(asAdminSees(placed));
    });

    it('returns 404 for an order that does not exist', async () => {
      expectProblem(await admin.get('/admin/orders/4294967296'), 404, 'order_not_found');
    });

    it.each(['abc', '1e3', '-1', '0', '01', '9007199254740992', '%00'])(
      'rejects the id %s',
      async (id) => {
        expectProblem(await admin.get(`/admin/orders/${id}`), 400, 'validation_failed');
      },
    );
  });

  describe('GET /admin/orders/stats', () => {
    const stats = async (): Promise<unknown> =>
      (await admin.get('/admin/orders/stats').expect(200)).body;

    const insertWithHistory = async (orders: readonly InsertedOrder[]) => {
      await insertOrders(app.dataSource, orders);
      await app.dataSource.query(
        `INSERT INTO order_history (order_id, sequence, to_status, actor_type, created_at)
         SELECT id, 1, status, 'user', created_at FROM orders`,
      );
    };

    beforeEach(async () => {
      for (const table of ['order_history', 'orders', 'order_counts']) {
        await app.dataSource.query(`DELETE FROM ${table}`);
      }
    });

    it('requires authentication', async () => {
      expectProblem(await app.api.get('/admin/orders/stats'), 401, 'unauthenticated');
    });

    it('is for admins', async () => {
      expectProblem(await user.get('/admin/orders/stats'), 403, 'forbidden');
    });

    it('rejects a query', async () => {
      expectProblem(await admin.get('/admin/orders/stats?status=failed'), 400, 'validation_failed');
    });

    it('returns 0 for every status when there are no orders', async () => {
      expect(await stats()).toEqual({
        counts: { pending: 0, processing: 0, completed: 0, cancelled: 0, failed: 0 },
        oldest_pending_age_seconds: null,
      });
    });

    it('counts the orders of all users by status', async () => {
      const order = (status: OrderStatus) => ({
        userId: user.userId,
        status,
        createdAt: new Date(),
      });
      await insertWithHistory([
        ...(['failed', 'cancelled', 'failed', 'completed', 'processing'] as const).map(order),
        { ...order('completed'), userId: other.userId },
        { ...order('completed'), userId: other.userId },
      ]);
      expect(await stats()).toEqual({
        counts: { pending: 0, processing: 1, completed: 3, cancelled: 1, failed: 2 },
        oldest_pending_age_seconds: null,
      });
    });

    it('returns the age of the oldest pending order, by the clock of the database', async () => {
      const now = Date.now();
      await insertWithHistory([
        { userId: user.userId, status: 'pending', createdAt: new Date(now - 90_500) },
        { userId: other.userId, status: 'pending', createdAt: new Date(now - 1_000) },
        { userId: user.userId, status: 'completed', createdAt: new Date(now - 900_000) },
      ]);
      moveWallClock(-600_000);
      const { oldest_pending_age_seconds: age } = (await stats()) as Record<string, number>;
      resetWallClock();
      expect(Number.isInteger(age)).toBe(true);
      expect(age).toBeGreaterThanOrEqual(90);
      expect(age).toBeLessThan(100);
    });

    it('never returns a negative age', async () => {
      const later = new Date(Date.now() + 60_000);
      await insertWithHistory([{ userId: user.userId, status: 'pending', createdAt: later }]);
      expect(await stats()).toMatchObject({ oldest_pending_age_seconds: 0 });
    });
  });
});
