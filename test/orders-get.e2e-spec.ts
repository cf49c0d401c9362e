import type { Response } from 'supertest';
import { type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

describe('GET /orders/:id', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;
  let orderId: number;

  beforeAll(async () => {
    user = await app.api.signUp();
    orderId = (await user.placeOrder()).id;
  });

  it('requires authentication', async () => {
    expectProblem(await app.api.get(`/orders/${orderId}`), 401, 'unauthenticated');
  });

  it('returns an order to its owner', async () => {
    const response = await user.get(`/orders/${orderId}`);
    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      id: orderId,
      user_id: user.userId,
      product_name: 'Laptop',
      amount: 999.99,
      status: 'pending',
      allowed_actions: ['cancel'],
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updated_at: response.body.created_at,
      cancelled_at: null,
      cancel_reason: null,
      completed_at: null,
      attempts: 0,
      failure_reason: null,
      reference: null,
      metadata: {},
      next_attempt_at: response.body.created_at,
    });
  });

  it('returns an order that is processing, and one that is completed', async () => {
    const { id } = await user.placeOrder();
    const duringProcessing: unknown[] = [];
    app.fulfilment.script = async (claimed) => {
      if (claimed.id === id) duringProcessing.push(await user.order(id));
    };
    await app.processor.runOnce();

    expect(duringProcessing).toEqual([
      expect.objectContaining({ status: 'processing', allowed_actions: [], completed_at: null }),
    ]);
    const completed = await user.order(id);
    expect(completed).toMatchObject({ status: 'completed', allowed_actions: [] });
    expect(completed.completed_at).toBe(completed.updated_at);
  });

  it('returns 404 for an order that does not exist', async () => {
    const response = await user.get('/orders/4294967296');
    expectProblem(response, 404, 'order_not_found');
    expect(response.body.detail).toBe('Order not found');
  });

  it('sends other users the same response for an order that exists and one that does not', async () => {
    const other = await app.api.signUp();
    const foreign = await other.get(`/orders/${orderId}`);
    const missing = await other.get(`/orders/4294967296`);

    expectProblem(foreign, 404, 'order_not_found');
    expect(withoutNames(foreign)).toEqual(withoutNames(missing));
  });

  it('returns 404 for the largest valid id', async () => {
    const response = await user.get(`/orders/${Number.MAX_SAFE_INTEGER}`);
    expectProblem(response, 404, 'order_not_found');
  });

  it.each([
    ['a word', 'abc'],
    ['an exponent', '1e3'],
    ['a negative number', '-1'],
    ['zero', '0'],
    ['a leading zero', '01'],
    ['a plus sign', '+1'],
    ['a fraction', '1.0'],
    ['a hexadecimal number', '0x1'],
    ['a list', '1,2'],
    ['2^53', '9007199254740992'],
    ['2^63', '9223372036854775808'],
    ['400 digits', '9'.repeat(400)],
    ['a NUL', '%00'],
    ['a number and a NUL', '1%00'],
    ['a number and a line break', '1%0A'],
    ['a number and a blank', '1%20'],
    ['an encoded slash', '1%2F2'],
    ['digits of another script', '%D9%A1'],
    ['a property of objects', '__proto__'],
  ])('rejects an id that is %s', async (_, id) => {
    const response = await user.get(`/orders/${id}`);
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'id', message: expect.any(String) }]);
  });

  it.each(['%E0%A4%A', '%', '%zz', '1%'])('rejects the broken encoding %s', async (id) => {
    const response = await user.get(`/orders/${id}`);
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'path', message: expect.any(String) }]);
  });
});

/** A response without its time, request id and order id. */
function withoutNames({ status, headers, body }: Response): object {
  const { date: _date, 'x-request-id': _id, ...rest } = headers as Record<string, string>;
  delete rest['content-length']; // grows with the id in `instance`
  return { status, headers: rest, body: { ...body, request_id: '', instance: '' } };
}
