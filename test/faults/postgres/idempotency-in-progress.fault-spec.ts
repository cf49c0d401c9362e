import { expectProblem } from '../../support/api-client';
import { TestApp } from '../../support/test-app';

describe('a request whose first sending is still in progress', () => {
  it('fault 13: is told to come again, and then has its order', async () => {
    const app = await TestApp.start();
    try {
      const user = await app.api.signUp();
      const post = () =>
        user.post('/orders', { product_name: 'Laptop', amount: 1 }).set('Idempotency-Key', 'key');
      const elsewhere = app.dataSource.createQueryRunner();
      await elsewhere.startTransaction();
      await elsewhere.query(
        `INSERT INTO idempotency_keys
         VALUES (${user.userId}, 'POST /orders', 'key', '', 201, '', '', '{}', now())`,
      );
      const [early, another] = await Promise.all([post(), post()]);
      for (const response of [early, another]) {
        expectProblem(response, 409, 'idempotency_in_progress');
        expect(response.headers['retry-after']).toBe('1');
      }
      await elsewhere.rollbackTransaction();
      await elsewhere.release();

      const response = await post().expect(201);
      expect(response.headers).not.toHaveProperty('idempotent-replayed');
      const { body } = await user.get('/orders').expect(200);
      expect(body.data).toEqual([response.body]);
    } finally {
      await app.stop();
    }
  });
});
