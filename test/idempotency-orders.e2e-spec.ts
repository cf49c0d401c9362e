import type { Response } from 'supertest';
import { databaseTime } from '../src/database/database-time';
import { type ApiClient, type SignedUp, expectProblem } from './support/api-client';
import { placeFailedOrders } from './support/failed-orders';
import { TestApp } from './support/test-app';

const ORDER = { product_name: 'Laptop', amount: 999.99 };

describe('requests that change an order, with an Idempotency-Key', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;
  let admin: SignedUp;
  let keys = 0;

  beforeAll(async () => {
    user = await app.api.signUp();
    admin = await app.signUpAdmin();
  });

  const newKey = () => `key-${++keys}`;
  const repeatedPartsOf = ({ status, text, headers }: Response) => ({
    status,
    text,
    etag: headers['etag'] as string,
  });
  const isReplay = ({ headers }: Response) => headers['idempotent-replayed'] === 'true';

  interface Route {
    readonly change: (id: number, body?: object) => ReturnType<ApiClient['post']>;
    /** An order that the route can change. */
    readonly prepare: () => Promise<number>;
    readonly success: number;
    readonly rejection: string;
  }

  const pendingOrder = async () => (await user.placeOrder()).id;
  const failedOrder = async () => (await placeFailedOrders(app, user))[0];

  describe.each<[string, Route]>([
    [
      'PATCH /orders/:id/cancel',
      {
        change: (id, body) => user.patch(`/orders/${id}/cancel`, body),
        prepare: pendingOrder,
        success: 200,
        rejection: 'order_not_cancellable',
      },
    ],
    [
      'POST /admin/orders/:id/cancel',
      {
        change: (id, body) => admin.post(`/admin/orders/${id}/cancel`, body),
        prepare: failedOrder,
        success: 200,
        rejection: 'order_not_cancellable',
      },
    ],
    [
      'POST /admin/orders/:id/retry',
      {
        change: (id) => admin.post(`/admin/orders/${id}/retry`),
        prepare: failedOrder,
        success: 202,
        rejection: 'order_not_retryable',
      },
    ],
  ])('%s', (name, { change, prepare, success, rejection }) => {
    const send = (id: number, key: string, body?: object) =>
      change(id, body).set('Idempotency-Key', key);

    it('returns the first response again, byte for byte, and changes nothing', async () => {
      const [id, key] = [await prepare(), newKey()];
      const first = await send(id, key).expect(success);
      expect(first.headers).not.toHaveProperty('idempotent-replayed');
      const history = await user.history(id);
      for (let repetition = 0; repetition < 2; repetition++) {
        const again = await send(id, key);
        expect(repeatedPartsOf(again)).toEqual(repeatedPartsOf(first));
        expect(isReplay(again)).toBe(true);
      }
      expect(await user.history(id)).toEqual(history);
    });

    it('rejects a repetition under another key', async () => {
      const [id, key] = [await prepare(), newKey()];
      await send(id, key).expect(success);
      expectProblem(await send(id, newKey()), 409, rejection);
      expectProblem(await change(id), 409, rejection);
    });

    it('does not store rejections', async () => {
      const [id, key] = [await prepare(), newKey()];
      await change(id).expect(success);
      expectProblem(await send(id, key), 409, rejection);
      const rows = await app.dataSource.query<unknown[]>(
        `SELECT 1 FROM idempotency_keys WHERE key = '${key}'`,
      );
      expect(rows).toEqual([]);
    });

    it('has keys of its own for each order', async () => {
      const key = newKey();
      const ids = [await prepare(), await prepare()];
      for (const id of ids) {
        const response = await send(id, key).expect(success);
        expect(response.body.id).toBe(id);
        expect(isReplay(response)).toBe(false);
      }
    });

    it('performs one of 20 concurrent requests, and sends the same response to all', async () => {
      const [id, key] = [await prepare(), newKey()];
      const versions = (await user.history(id)).length;
      const responses = await Promise.all(Array.from({ length: 20 }, () => send(id, key)));
      const successful = responses.filter(({ status }) => status === success);
      for (const rejected of responses.filter(({ status }) => status !== success)) {
        expectProblem(rejected, 409, 'idempotency_in_progress');
      }
      const bodies = successful.map((response) => JSON.stringify(repeatedPartsOf(response)));
      expect(new Set(bodies).size).toBe(1);
      expect(successful.filter((response) => !isReplay(response))).toHaveLength(1);
      expect(await user.history(id)).toHaveLength(versions + 1);
    });

    it('accepts the same key in quotes and without them', async () => {
      for (const [given, repeated] of [
        ['k', '"k"'],
        ['"k"', 'k'],
        [String.raw`a"\b`, String.raw`"a\"\\b"`],
      ] as const) {
        const id = await prepare();
        const first = await send(id, given).expect(success);
        const second = await send(id, repeated);
        expect(repeatedPartsOf(second)).toEqual(repeatedPartsOf(first));
        expect(isReplay(second)).toBe(true);
      }
    });

    it.each(['""', '"', '"k', '"k"x', '"k";a=1', '"a"b"', String.raw`"\k"`, '"two words"', ''])(
      'rejects the key %s',
      async (key) => {
        const id = await prepare();
        const response = await send(id, key);
        expectProblem(response, 400, 'validation_failed');
        expect(response.body.errors).toEqual([
          { field: 'Idempotency-Key', message: expect.any(String) },
        ]);
        await change(id).expect(success);
      },
    );

    if (name.endsWith('cancel')) {
      it('rejects another reason under the same key', async () => {
        const [id, key] = [await prepare(), newKey()];
        await send(id, key, { reason: 'first' }).expect(success);
        for (const body of [{ reason: 'second' }, {}, undefined]) {
          expectProblem(await send(id, key, body), 422, 'idempotency_key_reused');
        }
        expect((await user.order(id)).cancel_reason).toBe('first');
      });

      it('accepts no reason in any form as the same request', async () => {
        const [id, key] = [await prepare(), newKey()];
        const first = await send(id, key, {}).expect(success);
        for (const body of [undefined, { reason: null }]) {
          expect(repeatedPartsOf(await send(id, key, body))).toEqual(repeatedPartsOf(first));
        }
      });
    }
  });

  it('return the first response although If-Match names the state before it', async () => {
    const placed = await user.post('/orders', ORDER).expect(201);
    const cancel = (key: string) =>
      user
        .patch(`/orders/${placed.body.id}/cancel`)
        .set({ 'If-Match': placed.headers['etag']!, 'Idempotency-Key': key });
    const first = await cancel('conditional').expect(200);
    const second = await cancel('conditional');
    expect(repeatedPartsOf(second)).toEqual(repeatedPartsOf(first));
    expect(isReplay(second)).toBe(true);
    expectProblem(await cancel('another'), 412, 'precondition_failed');
  });

  it('store nothing when If-Match names another state', async () => {
    const { id } = await user.placeOrder();
    const cancel = (etag: string) =>
      user.patch(`/orders/${id}/cancel`).set({ 'If-Match': etag, 'Idempotency-Key': 'stale' });
    expectProblem(await cancel('"0-0"'), 412, 'precondition_failed');
    await cancel('"1-0"').expect(200);
  });

  it('return the order as it was after the retry, when it has been processed since', async () => {
    const [id] = await placeFailedOrders(app, user);
    const retry = () => admin.post(`/admin/orders/${id}/retry`).set('Idempotency-Key', 'retry');
    const first = await retry().expect(202);
    await app.processor.runOnce();
    expect((await user.order(id)).status).toBe('completed');
    expect(repeatedPartsOf(await retry())).toEqual(repeatedPartsOf(first));
  });

  it('have keys of their own for the owner, for each admin, and for each route', async () => {
    const [id] = await placeFailedOrders(app, user);
    const other = await app.signUpAdmin();
    const key = { 'Idempotency-Key': 'shared' };
    await admin.post(`/admin/orders/${id}/retry`).set(key).expect(202);
    expectProblem(
      await other.post(`/admin/orders/${id}/retry`).set(key),
      409,
      'order_not_retryable',
    );
    const cancelled = await admin.post(`/admin/orders/${id}/cancel`).set(key).expect(200);
    expect(isReplay(cancelled)).toBe(false);
    expectProblem(await user.patch(`/orders/${id}/cancel`).set(key), 409, 'order_not_cancellable');
  });

  it('return the response of an instance of the previous release to a key in quotes', async () => {
    const place = (key: string) => user.post('/orders', ORDER).set('Idempotency-Key', key);
    const first = await place('"rolling"').expect(201);
    // That release stores the key as it was sent.
    await app.dataSource.query(
      `UPDATE idempotency_keys SET key = '"rolling"' WHERE key = 'rolling'`,
    );
    const second = await place('"rolling"');
    expect(repeatedPartsOf(second)).toEqual(repeatedPartsOf(first));
    expect(isReplay(second)).toBe(true);
    await app.dataSource.query(
      `UPDATE idempotency_keys SET created_at = ${databaseTime(app.dataSource, -86_401)}`,
    );
    const third = await place('"rolling"').expect(201);
    expect(isReplay(third)).toBe(false);
    expect(repeatedPartsOf(await place('rolling'))).toEqual(repeatedPartsOf(third));
  });
});
