import type { Response } from 'supertest';
import { type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

describe('PATCH /orders/:id/cancel', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
  });

  it('requires authentication', async () => {
    const { id } = await user.placeOrder();
    expectProblem(await app.api.patch(`/orders/${id}/cancel`), 401, 'unauthenticated');
  });

  it('cancels a pending order', async () => {
    const order = { product_name: 'Laptop', amount: 999.99 };
    const { body: placed } = await user.post('/orders', order).expect(201);
    const response = await user.patch(`/orders/${placed.id}/cancel`);

    expect(response.status).toBe(200);
    expect(response.body).toEqual({
      ...placed,
      status: 'cancelled',
      allowed_actions: [],
      next_attempt_at: null,
      updated_at: response.body.cancelled_at,
      cancelled_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(response.body.cancelled_at >= placed.created_at).toBe(true);
    expect(await user.order(placed.id)).toEqual(response.body);
  });

  it('stores the reason in the order and in its history', async () => {
    const { id } = await user.placeOrder();
    const response = await user.patch(`/orders/${id}/cancel`, { reason: 'Ordered twice' });

    expect(response.status).toBe(200);
    expect(response.body.cancel_reason).toBe('Ordered twice');
    const history = await user.history(id);
    expect(history).toHaveLength(2);
    expect(history[1]).toEqual({
      sequence: 2,
      from: 'pending',
      to: 'cancelled',
      actor: { type: 'user', id: user.userId },
      reason: 'Ordered twice',
      request_id: response.headers['x-request-id'],
      created_at: response.body.cancelled_at,
    });
  });

  it.each([
    ['an empty object', {}],
    ['a reason of null', { reason: null }],
  ])('needs no reason: accepts %s', async (_, body) => {
    const { id } = await user.placeOrder();
    const response = await user.patch(`/orders/${id}/cancel`, body);
    expect(response.status).toBe(200);
    expect(response.body).toMatchObject({ status: 'cancelled', cancel_reason: null });
    expect((await user.history(id))[1]).toMatchObject({ to: 'cancelled', reason: null });
  });

  it('accepts an empty body with the content type of JSON', async () => {
    const { id } = await user.placeOrder();
    await user
      .raw('patch', `/orders/${id}/cancel`, { type: 'application/json', content: '' })
      .expect(200);
  });

  it.each([
    ['500 letters', 'x'.repeat(500)],
    ['500 emoji', '🙂'.repeat(500)],
    ['several lines', 'Ordered twice:\r\n\ton Monday\non Tuesday'],
  ])('accepts a reason of %s', async (_, reason) => {
    const { id } = await user.placeOrder();
    const response = await user.patch(`/orders/${id}/cancel`, { reason }).expect(200);
    expect(response.body.cancel_reason).toBe(reason);
    expect((await user.history(id))[1]?.reason).toBe(reason);
  });

  it('rejects a second cancellation, and keeps the reason of the first', async () => {
    const { id } = await user.placeOrder();
    await user.patch(`/orders/${id}/cancel`, { reason: 'first' }).expect(200);

    const response = await user.patch(`/orders/${id}/cancel`, { reason: 'second' });
    expectProblem(response, 409, 'order_not_cancellable');
    expect(response.body.current_status).toBe('cancelled');
    expect((await user.order(id)).cancel_reason).toBe('first');
    expect(await user.history(id)).toHaveLength(2);
  });

  it('performs one of many concurrent cancellations', async () => {
    const { id } = await user.placeOrder();
    const responses = await Promise.all(
      Array.from({ length: 10 }, () => user.patch(`/orders/${id}/cancel`)),
    );

    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const loser of responses.filter(({ status }) => status !== 200)) {
      expectProblem(loser, 409, 'order_not_cancellable');
    }
    expect(await user.history(id)).toHaveLength(2);
  });

  it('does not cancel an order that is processing or completed', async () => {
    const { id } = await user.placeOrder();
    const duringProcessing: Response[] = [];
    app.fulfilment.script = async (claimed) => {
      if (claimed.id === id) duringProcessing.push(await user.patch(`/orders/${id}/cancel`));
    };
    await app.processor.runOnce();
    const afterwards = await user.patch(`/orders/${id}/cancel`);

    expect(duringProcessing).toHaveLength(1);
    expectProblem(duringProcessing[0]!, 409, 'order_not_cancellable');
    expect(duringProcessing[0]!.body.current_status).toBe('processing');
    expectProblem(afterwards, 409, 'order_not_cancellable');
    expect(afterwards.body.current_status).toBe('completed');
    expect(await user.order(id)).toMatchObject({ status: 'completed', cancelled_at: null });
  });

  it('returns 404 for an order of another user, and does not change it', async () => {
    const other = await app.api.signUp();
    const placed = await user.placeOrder();

    expectProblem(await other.patch(`/orders/${placed.id}/cancel`), 404, 'order_not_found');
    expect(await user.order(placed.id)).toEqual(placed);
    expect(await user.history(placed.id)).toHaveLength(1);
  });

  it('returns 404 for an order that does not exist', async () => {
    expectProblem(await user.patch('/orders/4294967296/cancel'), 404, 'order_not_found');
  });

  it.each(['abc', '1e3', '-1', '0', '9007199254740992', '9223372036854775808', '%00'])(
    'rejects the id %s',
    async (id) => {
      const response = await user.patch(`/orders/${id}/cancel`);
      expectProblem(response, 400, 'validation_failed');
      expect(response.body.errors).toEqual([{ field: 'id', message: expect.any(String) }]);
    },
  );

  describe('with a bad body', () => {
    let orderId: number;

    beforeAll(async () => {
      orderId = (await user.placeOrder()).id;
    });

    it.each([
      ['501 letters', 'x'.repeat(501)],
      ['501 emoji', '🙂'.repeat(501)],
      ['an empty string', ''],
      ['blanks', ' \n\t '],
      ['a number', 5],
      ['true', true],
      ['a list', ['Ordered twice']],
      ['an object', { $ne: null }],
      ['a NUL', 'Ordered\0twice'],
      ['a bell', 'Ordered\x07twice'],
      ['half of a surrogate pair', 'Ordered\ud83dtwice'],
    ])('rejects a reason of %s', async (_, reason) => {
      const response = await user.patch(`/orders/${orderId}/cancel`, { reason });
      expectProblem(response, 400, 'validation_failed');
      expect(response.body.errors).toEqual([{ field: 'reason', message: expect.any(String) }]);
      expect((await user.order(orderId)).status).toBe('pending');
    });

    it.each(['status', 'id', 'user_id', 'cancelled_at', 'cancel_reason', 'role', '__proto__'])(
      'rejects the unknown field %s',
      async (field) => {
        const content = `{"${field}":"completed"}`;
        const response = await user.raw('patch', `/orders/${orderId}/cancel`, {
          type: 'application/json',
          content,
        });
        expectProblem(response, 400, 'validation_failed');
        expect(response.body.errors).toEqual([{ field, message: expect.any(String) }]);
        expect((await user.order(orderId)).status).toBe('pending');
      },
    );

    it.each([
      ['null', 'malformed_body'],
      ['"x"', 'malformed_body'],
      ['5', 'malformed_body'],
      ['{"reason":', 'malformed_body'],
      ['[]', 'malformed_body'],
      ['[{"reason":"x"}]', 'malformed_body'],
    ])('rejects the body %s', async (content, code) => {
      const response = await user.raw('patch', `/orders/${orderId}/cancel`, {
        type: 'application/json',
        content,
      });
      expectProblem(response, 400, code);
      expect((await user.order(orderId)).status).toBe('pending');
    });
  });
});
