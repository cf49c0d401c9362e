import { databaseTime } from '../../../src/database/database-time';
import { IdempotencyKeys } from '../../../src/idempotency/idempotency-keys';
import { type SignedUp, expectProblem } from '../../support/api-client';
import { TestApp } from '../../support/test-app';
import { waitUntil } from '../../support/wait-until';

describe('an idempotency key that another transaction holds', () => {
  const app = TestApp.forEachTest();
  let user: SignedUp;

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  const post = () =>
    user.post('/orders', { product_name: 'Laptop', amount: 1 }).set('Idempotency-Key', 'key');

  const hold = async (sql: string) => {
    const elsewhere = app.dataSource.createQueryRunner();
    await elsewhere.startTransaction();
    await elsewhere.query('SET LOCAL idle_in_transaction_session_timeout = 0');
    await elsewhere.query(sql);
    return elsewhere;
  };

  it('fault 13: makes a request wait and then fail with 409, and its retry succeeds', async () => {
    const elsewhere = await hold(
      `INSERT INTO idempotency_keys
       VALUES (${user.userId}, 'POST /orders', 'key', '', 201, '', '', '{}', now())`,
    );
    let responses: Awaited<ReturnType<typeof post>>[] = [];
    // A statement that a machine delays for longer than it may take is responded to with 503.
    await waitUntil(async () => {
      responses = await Promise.all([post(), post()]);
      return responses.every(({ status }) => status !== 503);
    });
    for (const response of responses) {
      expectProblem(response, 409, 'idempotency_in_progress');
      expect(response.headers['retry-after']).toBe('1');
    }
    await elsewhere.rollbackTransaction();
    await elsewhere.release();

    const response = await post().expect(201);
    expect(response.headers).not.toHaveProperty('idempotent-replayed');
    const { body } = await user.get('/orders').expect(200);
    expect(body.data).toEqual([response.body]);
  });

  it('is kept when it is used again while expired keys are being deleted', async () => {
    await post().expect(201);
    await app.dataSource.query(
      `UPDATE idempotency_keys SET created_at = ${databaseTime(app.dataSource, -90_000)}`,
    );
    const elsewhere = await hold('UPDATE idempotency_keys SET created_at = now()');
    // If it waited for the locked row, it would fail after `lock_timeout`.
    await expect(app.nest.get(IdempotencyKeys).deleteExpired()).resolves.toBe(0);
    await elsewhere.commitTransaction();
    await elsewhere.release();
    expect((await post()).headers['idempotent-replayed']).toBe('true');
  });
});
