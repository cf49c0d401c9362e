import { createHash } from 'node:crypto';
import type { Response } from 'supertest';
import { databaseTime } from '../src/database/database-time';
import { IdempotencyKeySweep } from '../src/idempotency/idempotency-key-sweep';
import { IdempotencyKeys } from '../src/idempotency/idempotency-keys';
import { type ApiClient, type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

const ORDER = { product_name: 'Laptop', amount: 999.99 };
const DAY = 24 * 60 * 60;

describe('POST /orders with an Idempotency-Key', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  afterEach(() => jest.restoreAllMocks());

  const post = (key: string | string[], order: object = ORDER, client: ApiClient = user) =>
    client.post('/orders', order).set('Idempotency-Key', key as string);

  const countOrders = async (client: ApiClient = user): Promise<number> =>
    (await client.get('/orders?limit=100').expect(200)).body.data.length as number;

  /** Makes all stored keys older. */
  const age = (seconds: number) =>
    app.dataSource.query(
      `UPDATE idempotency_keys SET created_at = ${databaseTime(app.dataSource, -seconds)}`,
    );

  /** The parts of a response that a replay repeats. */
  const repeatedPartsOf = ({ status, text, headers }: Response) => ({
    status,
    text,
    location: headers['location'] as string,
    etag: headers['etag'] as string,
    type: headers['content-type'] as string,
  });

  it('places an order, without Idempotent-Replayed', async () => {
    const response = await post('key').expect(201);
    expect(response.body).toEqual(await user.order(response.body.id));
    expect(response.headers).not.toHaveProperty('idempotent-replayed');
  });

  it('returns the first response again, byte for byte', async () => {
    const first = await post('key').expect(201);
    const second = await post('key');

    expect(repeatedPartsOf(second)).toEqual(repeatedPartsOf(first));
    expect(second.headers['location']).toBe(`/orders/${first.body.id}`);
    expect(second.headers['etag']).toBe('"1-0"');
    expect(second.headers['idempotent-replayed']).toBe('true');
    expect(await countOrders()).toBe(1);
    expect(await user.history(first.body.id)).toHaveLength(1);
  });

  it('returns the first response again after the order has changed', async () => {
    const first = await post('key').expect(201);
    await user.patch(`/orders/${first.body.id}/cancel`).expect(200);
    expect(repeatedPartsOf(await post('key'))).toEqual(repeatedPartsOf(first));
  });

  it('uses up no order id when it returns the first response', async () => {
    const first = await post('key').expect(201);
    for (let repetition = 0; repetition < 3; repetition++) await post('key').expect(201);
    const next = await post('another-key').expect(201);
    expect(next.body.id).toBe(first.body.id + 1);
  });

  it.each([
    ['in another order', '{"amount":999.99,"product_name":"Laptop"}'],
    ['with blanks', '{ "product_name" : "Laptop", "amount" : 999.990 }'],
    ['with escapes', '{"product_name":"L\\u0061ptop","amount":99999e-2}'],
  ])('accepts the same body written %s', async (_, body) => {
    const first = await post('key').expect(201);
    const second = await user
      .raw('post', '/orders', { type: 'application/json', content: body })
      .set('Idempotency-Key', 'key');
    expect(repeatedPartsOf(second)).toEqual(repeatedPartsOf(first));
  });

  it.each([
    ['amount', { ...ORDER, amount: 1 }],
    ['product', { ...ORDER, product_name: 'laptop' }],
  ])('rejects another %s under the same key, and places no order', async (_, order) => {
    const first = await post('key').expect(201);
    expectProblem(await post('key', order), 422, 'idempotency_key_reused');
    expect(await countOrders()).toBe(1);
    expect(repeatedPartsOf(await post('key'))).toEqual(repeatedPartsOf(first));
  });

  describe('of an order with metadata', () => {
    const withMetadata = (metadata: object) => ({ ...ORDER, metadata });

    it('accepts the same metadata in another order', async () => {
      const first = await post('key', withMetadata({ b: '2', a: '1', 10: 'x', 9: 'y' })).expect(
        201,
      );
      const second = await post('key', withMetadata({ 9: 'y', a: '1', b: '2', 10: 'x' }));
      expect(repeatedPartsOf(second)).toEqual(repeatedPartsOf(first));
      await user.patch(`/orders/${first.body.id}`, { metadata: null }).expect(200);
      const third = await post('key', withMetadata({ a: '1', b: '2', 10: 'x', 9: 'y' }));
      expect(repeatedPartsOf(third)).toEqual(repeatedPartsOf(first));
    });

    it.each([
      ['another value', { a: '2' }],
      ['another key', { b: '1' }],
      ['an additional key', { a: '1', b: '' }],
      ['no key', {}],
    ])('rejects %s under the same key', async (_, metadata) => {
      await post('key', withMetadata({ a: '1' })).expect(201);
      expectProblem(await post('key', withMetadata(metadata)), 422, 'idempotency_key_reused');
      expectProblem(await post('key', ORDER), 422, 'idempotency_key_reused');
      expect(await countOrders()).toBe(1);
    });

    it('has the fingerprint of the previous release without reference and metadata', async () => {
      await post('key').expect(201);
      const fields = '[["amount",999.99],["product_name","Laptop"]]';
      expect(await app.dataSource.query('SELECT fingerprint FROM idempotency_keys')).toContainEqual(
        {
          fingerprint: createHash('sha256').update(fields).digest('hex'),
        },
      );
    });
  });

  it('keeps a separate set of keys for each user', async () => {
    const other = await app.api.signUp();
    const first = await post('key').expect(201);
    const second = await post('key', { ...ORDER, amount: 1 }, other).expect(201);
    expect(second.body.id).not.toBe(first.body.id);
    expect(second.headers).not.toHaveProperty('idempotent-replayed');
  });

  it('distinguishes upper and lower case in keys', async () => {
    await post('key').expect(201);
    await post('KEY').expect(201);
    expect(await countOrders()).toBe(2);
  });

  it('does not store rejections', async () => {
    expectProblem(await post('key', { ...ORDER, amount: 0 }), 400, 'validation_failed');
    const response = await post('key').expect(201);
    expect(response.headers).not.toHaveProperty('idempotent-replayed');
  });

  it('stores neither the order nor the key when a write fails', async () => {
    // The last write of the transaction fails.
    await app.dataSource.query('ALTER TABLE order_history RENAME TO out_of_reach');
    expectProblem(await post('key'), 500, 'internal_error');
    await app.dataSource.query('ALTER TABLE out_of_reach RENAME TO order_history');

    expect(await countOrders()).toBe(0);
    const response = await post('key').expect(201);
    expect(response.headers).not.toHaveProperty('idempotent-replayed');
  });

  it('accepts a key for another request after 24 hours, even before it is deleted', async () => {
    const first = await post('key').expect(201);
    await age(DAY - 60);
    expect((await post('key')).headers['idempotent-replayed']).toBe('true');
    await age(DAY + 1);
    const second = await post('key', { ...ORDER, amount: 1 }).expect(201);
    expect(second.headers).not.toHaveProperty('idempotent-replayed');
    expect(second.body.id).not.toBe(first.body.id);

    const third = await post('key', { ...ORDER, amount: 1 }).expect(201);
    expect(repeatedPartsOf(third)).toEqual(repeatedPartsOf(second));
    expect(await countOrders()).toBe(2);
  });

  it.each([
    ['one character', '!'],
    ['255 characters', 'k'.repeat(255)],
    [
      'every visible character',
      Array.from({ length: 94 }, (_, n) => String.fromCharCode(33 + n)).join(''),
    ],
    ['a UUID in quotes', '"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
    ['the name of a property of objects', '__proto__'],
  ])('accepts a key of %s', async (_, key) => {
    const first = await post(key).expect(201);
    expect(repeatedPartsOf(await post(key))).toEqual(repeatedPartsOf(first));
  });

  it.each<[string, string | string[]]>([
    ['no characters', ''],
    ['256 characters', 'k'.repeat(256)],
    ['two words', 'two words'],
    ['a tab', 'a\tb'],
    ['a letter that is not ASCII', 'clé'],
    ['another control character', 'a\x80b'],
    ['two headers', ['one', 'two']],
    ['the same header twice', ['one', 'one']],
  ])('rejects a key of %s', async (_, key) => {
    const response = await post(key);
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([
      { field: 'Idempotency-Key', message: expect.any(String) },
    ]);
    expect(await countOrders()).toBe(0);
  });

  it('requires authentication', async () => {
    expectProblem(await post('key', ORDER, app.api), 401, 'unauthenticated');
  });

  it('fault 13: places one order for 50 concurrent requests, and sends the same response to all', async () => {
    const responses = await Promise.all(Array.from({ length: 50 }, () => post('key')));
    const successful = responses.filter(({ status }) => status === 201);
    for (const rejected of responses.filter(({ status }) => status !== 201)) {
      expectProblem(rejected, 409, 'idempotency_in_progress');
      expect(rejected.headers['retry-after']).toMatch(/^\d+$/);
    }
    expect(
      new Set(successful.map((response) => JSON.stringify(repeatedPartsOf(response)))).size,
    ).toBe(1);
    const replayed = successful.filter(({ headers }) => headers['idempotent-replayed'] === 'true');
    expect(replayed).toHaveLength(successful.length - 1);
    expect(await countOrders()).toBe(1);
  });

  it('fault 13: accepts one of 20 concurrent requests with different bodies', async () => {
    const responses = await Promise.all(
      Array.from({ length: 20 }, (_, n) => post('key', { ...ORDER, amount: n + 1 })),
    );
    expect(responses.filter(({ status }) => status === 201)).toHaveLength(1);
    const [order] = (await user.get('/orders').expect(200)).body.data as { amount: number }[];
    responses.forEach((response, n) => {
      if (n + 1 === order!.amount) expect(response.status).toBe(201);
      else expectProblem(response, 422, 'idempotency_key_reused');
    });
    expect(await countOrders()).toBe(1);
  });

  describe('the hourly deletion', () => {
    const keys = async () => {
      const rows = await app.dataSource.query<{ key: string }[]>(
        'SELECT key FROM idempotency_keys ORDER BY key',
      );
      return rows.map(({ key }) => key);
    };

    beforeEach(() => app.dataSource.query('DELETE FROM idempotency_keys'));

    it('deletes all expired keys, and no others', async () => {
      await post('old').expect(201);
      await app.dataSource.query(
        `WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < 1200)
         INSERT INTO idempotency_keys
         SELECT user_id, route, 'old ' || n, fingerprint, status, location, etag, body, created_at
         FROM idempotency_keys, series`,
      );
      await age(DAY + 1);
      await post('new').expect(201);
      expect(await app.nest.get(IdempotencyKeys).deleteExpired()).toBe(1_201);
      expect(await keys()).toEqual(['new']);
      expect(await app.nest.get(IdempotencyKeys).deleteExpired()).toBe(0);
    });

    it('is logged', async () => {
      await post('old').expect(201);
      await age(DAY + 1);
      await app.nest.get(IdempotencyKeySweep).tick();
      expect(await keys()).toEqual([]);
      expect(app.logLines).toContainEqual(
        expect.objectContaining({ msg: 'Deleted expired idempotency keys', deleted: 1 }),
      );
    });

    it('logs why it failed', async () => {
      jest
        .spyOn(app.nest.get(IdempotencyKeys), 'deleteExpired')
        .mockRejectedValueOnce(new Error('connect ECONNREFUSED'));
      await app.nest.get(IdempotencyKeySweep).tick();
      expect(app.logLines).toContainEqual(
        expect.objectContaining({
          level: 'error',
          msg: 'Could not delete expired idempotency keys',
          err: expect.objectContaining({ message: 'connect ECONNREFUSED' }),
        }),
      );
    });
  });
});
