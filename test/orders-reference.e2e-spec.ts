import type { Response } from 'supertest';
import { type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';

const ORDER = { product_name: 'Laptop', amount: 999.99 };

describe('the reference of an order', () => {
  // Below 100, the limit of open orders is exact.
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false', MAX_OPEN_ORDERS_PER_USER: '99' });
  let user: SignedUp;

  beforeEach(async () => {
    user = await app.api.signUp();
  });

  const place = (reference: unknown, key?: string) => {
    const request = user.post('/orders', { ...ORDER, reference });
    return key === undefined ? request : request.set('Idempotency-Key', key);
  };

  const expectTaken = (response: Response, orderId: number) => {
    expectProblem(response, 409, 'reference_taken');
    expect(response.body.order_id).toBe(orderId);
  };

  const idsOfOrders = async () =>
    ((await user.get('/orders?limit=100').expect(200)).body.data as { id: number }[]).map(
      ({ id }) => id,
    );

  it('is in every response with the order, and null when there is none', async () => {
    const { body: placed } = await place('A-1001').expect(201);
    expect(placed.reference).toBe('A-1001');
    expect(await user.order(placed.id)).toEqual(placed);
    expect((await user.get('/orders').expect(200)).body.data).toEqual([placed]);
    const { body: cancelled } = await user.patch(`/orders/${placed.id}/cancel`).expect(200);
    expect(cancelled.reference).toBe('A-1001');
    expect((await user.placeOrder()).reference).toBeNull();
  });

  it.each([
    ['one character', 'x'],
    ['100 letters', 'x'.repeat(100)],
    ['100 emoji', '🙂'.repeat(100)],
    ['another script', 'Заказ 笔记本 1'],
    ['what looks like SQL', `'; DROP TABLE orders;--`],
    ['blanks around a letter', ' a '],
    ['the name of a property of objects', '__proto__'],
  ])('is stored unchanged when it is %s', async (_, reference) => {
    const { body } = await place(reference).expect(201);
    expect((await user.order(body.id)).reference).toBe(reference);
    expectTaken(await place(reference), body.id);
  });

  it.each([
    ['a number', 5],
    ['true', true],
    ['a list', ['A-1']],
    ['an object', { $ne: null }],
    ['an empty string', ''],
    ['blanks', '   '],
    ['blanks of other kinds', '\u00a0\u2003\u3000\ufeff'],
    ['invisible characters', '\u200b\u200d'],
    ['101 letters', 'x'.repeat(101)],
    ['101 emoji', '🙂'.repeat(101)],
    ['a NUL', 'A\x001'],
    ['a line break', 'A\n1'],
    ['a tab', 'A\t1'],
    ['a delete character', 'A\x7f1'],
    ['the first half of a surrogate pair', 'A\ud83d1'],
    ['the second half of a surrogate pair', '\ude421'],
  ])('is rejected when it is %s', async (_, reference) => {
    const response = await place(reference);
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'reference', message: expect.any(String) }]);
    expect(await idsOfOrders()).toEqual([]);
  });

  it('may be null, and then any number of orders have none', async () => {
    for (const reference of [null, null, undefined]) await place(reference).expect(201);
    expect(await idsOfOrders()).toHaveLength(3);
  });

  it('belongs to one order of a user, and other users can use it too', async () => {
    const { body } = await place('A-1001').expect(201);
    expectTaken(await place('A-1001'), body.id);
    expectTaken(await user.post('/orders', { ...ORDER, amount: 5, reference: 'A-1001' }), body.id);
    const other = await app.api.signUp();
    const ofOther = await other.placeOrder({ ...ORDER, reference: 'A-1001' });
    expect(ofOther.id).not.toBe(body.id);
    expect(await idsOfOrders()).toEqual([body.id]);
  });

  it('is compared exactly', async () => {
    for (const reference of ['a-1', 'A-1', 'A-1 ', 'Á-1', 'A\u0301-1']) {
      await place(reference).expect(201);
    }
    expect(await idsOfOrders()).toHaveLength(5);
  });

  it('stays taken after its order was cancelled', async () => {
    const { body } = await place('A-1001').expect(201);
    await user.patch(`/orders/${body.id}/cancel`).expect(200);
    expectTaken(await place('A-1001'), body.id);
  });

  it.each(['without a key', 'with keys'])(
    'is given to one of twenty concurrent orders %s, and the others name it',
    async (keys) => {
      const responses = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          place('A-1001', keys === 'with keys' ? `key-${n}` : undefined),
        ),
      );
      const [winner, ...others] = responses.toSorted((a, b) => a.status - b.status);
      expect(winner!.status).toBe(201);
      for (const response of others) expectTaken(response, winner!.body.id);
      expect(others).toHaveLength(19);
      expect(await idsOfOrders()).toEqual([winner!.body.id]);
      expect(await user.history(winner!.body.id)).toHaveLength(1);
    },
  );

  it('is not taken for a repetition with the same Idempotency-Key', async () => {
    const first = await place('A-1001', 'key-1').expect(201);
    const again = await place('A-1001', 'key-1').expect(201);
    expect(again.text).toBe(first.text);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expectTaken(await place('A-1001', 'key-2'), first.body.id);
    expectProblem(await place('A-1002', 'key-1'), 422, 'idempotency_key_reused');
    // A rejected request has not used up its key.
    await place('A-1003', 'key-2').expect(201);
  });

  it('is reported as taken when the user has reached the limit of open orders', async () => {
    const { body } = await place('A-1001').expect(201);
    await Promise.all(Array.from({ length: 98 }, () => user.placeOrder()));
    expectProblem(await place('A-1002'), 409, 'open_orders_limit_reached');
    expectTaken(await place('A-1001'), body.id);
    expectTaken(await place('A-1001', 'key-1'), body.id);
  });

  it('does not use up turns of orders that are rejected', async () => {
    await user.placeOrder();
    await place('A-1001').expect(201);
    for (let n = 0; n < 5; n++) await place('A-1001').expect(409);
    await user.placeOrder();
    const rows = await app.dataSource.query<{ turn: number }[]>(
      `SELECT turn FROM orders WHERE user_id = ${user.userId} ORDER BY id`,
    );
    const turns = rows.map(({ turn }) => turn);
    expect(turns).toEqual([turns[0], turns[0]! + 1, turns[0]! + 2]);
  });

  it('cannot be changed', async () => {
    const { body } = await place('A-1001').expect(201);
    const response = await user.patch(`/orders/${body.id}`, { metadata: {}, reference: 'A-1' });
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'reference', message: expect.any(String) }]);
    expect((await user.order(body.id)).reference).toBe('A-1001');
  });
});
