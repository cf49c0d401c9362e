import type { SignedUp } from './support/api-client';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';

/** On PostgreSQL, statements are prepared after a few executions. */
const EXECUTIONS = 5;

describe('statements that are executed again and again', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
  });

  const useEachStatement = async () => {
    const { id } = await user.placeOrder();
    await user.placeOrder();
    const responses = [
      await user.get(`/orders/${id}`),
      await user.get('/orders?limit=1'),
      await user.patch(`/orders/${id}/cancel`),
      await user.get(`/orders/${id}/history`),
      await user.get('/auth/sessions'),
    ];
    expect(await app.processor.runOnce()).toBe(1);
    return responses.map(({ status }) => status);
  };

  it('still work after a migration of the next release has added a column', async () => {
    for (let i = 0; i < EXECUTIONS; i++) {
      expect(await useEachStatement()).toEqual([200, 200, 200, 200, 200]);
    }
    if (isPostgres()) {
      const prepared = await app.dataSource.query('SELECT name FROM pg_prepared_statements');
      expect(prepared).not.toEqual([]);
    }
    for (const table of ['users', 'sessions', 'orders', 'order_history']) {
      await app.dataSource.query(`ALTER TABLE ${table} ADD COLUMN added_by_next_release text`);
    }
    expect(await useEachStatement()).toEqual([200, 200, 200, 200, 200]);
  });
});
