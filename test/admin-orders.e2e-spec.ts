import { UsersService } from '../src/users/users.service';
import { type ApiClient, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

describe('administration of orders', () => {
  let app: TestApp;
  let user: Awaited<ReturnType<ApiClient['signUp']>>;
  let other: Awaited<ReturnType<ApiClient['signUp']>>;
  let admin: Awaited<ReturnType<ApiClient['signUp']>>;

  const signUpAdmin = async () => {
    const account = await app.api.signUp();
    await app.nest.get(UsersService).changeRole(account.email, 'admin');
    return account;
  };

  beforeAll(async () => {
    app = await TestApp.start({ PROCESSING_ENABLED: 'false' });
    [user, other, admin] = [await app.api.signUp(), await app.api.signUp(), await signUpAdmin()];
  });

  afterAll(() => app.stop());

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

    it('shows the orders of all users, newest first, as their owners see them', async () => {
      const first = await user.placeOrder();
      app.clock.advance(1);
      const second = await other.placeOrder();
      app.clock.advance(1);
      const third = await user.placeOrder();
      const { body } = await admin.get('/admin/orders?limit=3').expect(200);
      expect(body.data).toEqual([third, second, first]);
    });

    it('shows the orders of one user when asked for them', async () => {
      const placed = await other.placeOrder();
      await user.placeOrder();
      expect((await list(`?user_id=${other.userId}`))[0]).toBe(placed.id);
      const mine = await user.get('/orders').expect(200);
      const { body } = await admin.get(`/admin/orders?user_id=${user.userId}`).expect(200);
      expect(body.data).toEqual(mine.body.data);
      expect(await list(`?user_id=${admin.userId}`)).toEqual([]);
      expect(await list(`?user_id=${Number.MAX_SAFE_INTEGER}`)).toEqual([]);
    });

    it.each(['', '0', '-1', '1.0', '1e3', '01', 'abc', '9007199254740992', '1%00', '1,2'])(
      'refuses the user_id "%s"',
      async (id) => {
        const response = await admin.get(`/admin/orders?user_id=${id}`);
        expectProblem(response, 400, 'validation_failed');
        expect(response.body.errors).toEqual([{ field: 'user_id', message: expect.any(String) }]);
      },
    );

    it('refuses a user_id that is given twice', async () => {
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
    ])('refuses the cursor of another list: one %s', async (_, from, owner, to) => {
      const { body } = await owner().get(from()).expect(200);
      expect(body.next_cursor).toEqual(expect.any(String));
      expectProblem(await admin.get(`${to}${body.next_cursor}`), 400, 'invalid_cursor');
    });

    it('refuses the cursor of another admin', async () => {
      const { body } = await (await signUpAdmin()).get('/admin/orders?limit=1').expect(200);
      const response = await admin.get(`/admin/orders?cursor=${body.next_cursor}`);
      expectProblem(response, 400, 'invalid_cursor');
    });
  });
});
