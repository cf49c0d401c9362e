import type { OrderResponse } from '../src/orders/order.dto';
import { type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

describe('GET /orders/:id/history', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
  });

  it('requires authentication', async () => {
    const { id } = await user.placeOrder();
    expectProblem(await app.api.get(`/orders/${id}/history`), 401, 'unauthenticated');
  });

  it('begins with the placement of the order by its owner', async () => {
    const placed = await user.post('/orders', { product_name: 'Laptop', amount: 1 }).expect(201);
    const order = placed.body as OrderResponse;
    const response = await user.get(`/orders/${order.id}/history`);

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      data: [
        {
          sequence: 1,
          from: null,
          to: 'pending',
          actor: { type: 'user', id: user.userId },
          reason: null,
          request_id: placed.headers['x-request-id'],
          created_at: order.created_at,
        },
      ],
    });
  });

  it('has the cancellation by the owner, with the reason', async () => {
    const { id } = await user.placeOrder();
    await user.patch(`/orders/${id}/cancel`, { reason: 'Too late' }).expect(200);

    const history = await user.history(id);
    expect(history.map(({ sequence, from, to }) => [sequence, from, to])).toEqual([
      [1, null, 'pending'],
      [2, 'pending', 'cancelled'],
    ]);
    expect(history[1]).toMatchObject({
      actor: { type: 'user', id: user.userId },
      reason: 'Too late',
    });
  });

  it('has the transitions of the system, oldest first, with their instants', async () => {
    const placed = await user.placeOrder();
    await app.processor.runOnce();

    const completed = await user.order(placed.id);
    const history = await user.history(placed.id);
    const system = { type: 'system', id: null };
    expect(history).toEqual([
      expect.objectContaining({ sequence: 1, from: null, to: 'pending' }),
      expect.objectContaining({ sequence: 2, from: 'pending', to: 'processing', actor: system }),
      expect.objectContaining({ sequence: 3, from: 'processing', to: 'completed', actor: system }),
    ]);
    expect(history[0]?.created_at).toBe(placed.created_at);
    expect(history[2]?.created_at).toBe(completed.completed_at);
    const times = history.map(({ created_at }) => created_at);
    expect(times).toEqual(times.toSorted());
  });

  it('has no entry for a rejected cancellation', async () => {
    const { id } = await user.placeOrder();
    await user.patch(`/orders/${id}/cancel`).expect(200);
    await user.patch(`/orders/${id}/cancel`).expect(409);
    expect(await user.history(id)).toHaveLength(2);
  });

  it('returns 404 for an order of another user', async () => {
    const { id } = await user.placeOrder();
    const other = await app.api.signUp();
    expectProblem(await other.get(`/orders/${id}/history`), 404, 'order_not_found');
  });

  it('returns 404 for an order that does not exist', async () => {
    expectProblem(await user.get('/orders/4294967296/history'), 404, 'order_not_found');
  });

  it.each(['abc', '1e3', '-1', '0', '01', '1.0', '9007199254740992', '9223372036854775808', '%00'])(
    'rejects the id %s',
    async (id) => {
      const response = await user.get(`/orders/${id}/history`);
      expectProblem(response, 400, 'validation_failed');
      expect(response.body.errors).toEqual([{ field: 'id', message: expect.any(String) }]);
    },
  );

  it('rejects a query', async () => {
    const { id } = await user.placeOrder();
    const response = await user.get(`/orders/${id}/history?limit=5`);
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'limit', message: expect.any(String) }]);
  });
});
