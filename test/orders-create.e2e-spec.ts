import { expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

describe('POST /orders', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await TestApp.start();
  });

  afterAll(() => app.stop());

  it('requires authentication', async () => {
    const response = await app.api.post('/orders', { product_name: 'Laptop', amount: 1 });
    expectProblem(response, 401, 'unauthenticated');
  });

  it('places a pending order of the current user', async () => {
    const user = await app.api.signUp();
    const response = await user.post('/orders', { product_name: 'Laptop', amount: 999.99 });

    expect(response.status).toBe(201);
    expect(response.headers['location']).toBe(`/orders/${response.body.id}`);
    expect(response.body).toEqual({
      id: expect.any(Number),
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
    });
    expect(await user.order(response.body.id)).toEqual(response.body);
  });
});
