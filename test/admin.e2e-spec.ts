import { failed } from '../src/jobs/fulfilment-step';
import { User } from '../src/users/user.entity';
import { type ApiClient, type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

describe('administration', () => {
  const app = TestApp.forSuite();
  let user: ApiClient;
  let admin: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
    admin = await app.signUpAdmin();
  });

  const failedOrder = async () => {
    const { id } = await user.placeOrder();
    app.fulfilment.script = () => Promise.resolve(failed('No such product'));
    await app.processor.runOnce();
    app.fulfilment.script = () => Promise.resolve();
    return id;
  };

  describe('the role', () => {
    it('applies as soon as it is changed, also in existing sessions', async () => {
      const promoted = await app.api.signUp();
      const users = app.dataSource.getRepository(User);
      expectProblem(await promoted.post('/admin/processing/runs'), 403, 'forbidden');
      await users.update(promoted.userId, { role: 'admin' });
      await promoted.post('/admin/processing/runs').expect(202);
      await users.update(promoted.userId, { role: 'customer' });
      expectProblem(await promoted.post('/admin/processing/runs'), 403, 'forbidden');
    });
  });

  describe('POST /admin/orders/:id/retry', () => {
    it('requires authentication', async () => {
      expectProblem(await app.api.post('/admin/orders/1/retry'), 401, 'unauthenticated');
    });

    it('is forbidden to the owner of the order', async () => {
      const id = await failedOrder();
      expectProblem(await user.post(`/admin/orders/${id}/retry`), 403, 'forbidden');
    });

    it('makes a failed order pending again, and counts its attempts from zero', async () => {
      const id = await failedOrder();
      const response = await admin.post(`/admin/orders/${id}/retry`).expect(202);
      expect(response.body).toMatchObject({
        id,
        status: 'pending',
        attempts: 0,
        failure_reason: null,
      });
      const entries = await user.history(id);
      expect(entries.at(-1)).toMatchObject({
        from: 'failed',
        to: 'pending',
        actor: { type: 'admin', id: admin.userId },
      });
      expect(await app.processor.runOnce()).toBe(1);
      expect((await user.order(id)).status).toBe('completed');
    });

    it('rejects an order that has not failed', async () => {
      const { id } = await user.placeOrder();
      const response = await admin.post(`/admin/orders/${id}/retry`);
      expectProblem(response, 409, 'order_not_retryable');
      expect(response.body).toMatchObject({ current_status: 'pending' });
    });

    it('accepts one of two concurrent retries', async () => {
      const id = await failedOrder();
      const retry = () => admin.post(`/admin/orders/${id}/retry`);
      const statuses = (await Promise.all([retry(), retry()])).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([202, 409]));
    });

    it.each(['0', 'abc', '9007199254740992'])('rejects the id %s', async (id) => {
      expectProblem(await admin.post(`/admin/orders/${id}/retry`), 400, 'validation_failed');
    });

    it('returns 404 for an order that does not exist', async () => {
      expectProblem(await admin.post('/admin/orders/999999/retry'), 404, 'order_not_found');
    });
  });
});
