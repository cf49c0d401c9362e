import type { SignedUp } from './support/api-client';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';

/** On PostgreSQL, statements are prepared after a few executions. */
const EXECUTIONS = 5;

const SUCCESSES = Array.from({ length: 6 }, () => 200);

describe('statements that are executed again and again', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
  });

  /** The statements whose results are whole rows, and others. */
  const useStatements = async () => {
    const other = await app.api.signUp();
    const { refresh_token } = await app.api.logIn(other.email);
    const { id } = await user.placeOrder();
    await user.placeOrder();
    const responses = [
      await user.get(`/orders/${id}`),
      await user.get('/orders?limit=1'),
      await user.patch(`/orders/${id}/cancel`),
      await user.get(`/orders/${id}/history`),
      await user.get('/auth/sessions'),
      await app.api.post('/auth/refresh', { refresh_token }),
    ];
    expect(await app.processor.runOnce()).toBe(1);
    return responses.map(({ status }) => status);
  };

  it('still work after a migration of the next release has added a column', async () => {
    for (let i = 0; i < EXECUTIONS; i++) {
      expect(await useStatements()).toEqual(SUCCESSES);
    }
    if (isPostgres()) {
      const prepared = await app.dataSource.query('SELECT name FROM pg_prepared_statements');
      expect(prepared).not.toEqual([]);
    }
    for (const table of ['users', 'sessions', 'orders', 'order_history']) {
      await app.dataSource.query(`ALTER TABLE ${table} ADD COLUMN added_by_next_release text`);
    }
    expect(await useStatements()).toEqual(SUCCESSES);
  });
});
