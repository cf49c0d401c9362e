import { User } from '../src/users/user.entity';
import { type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';
import { isPostgres } from './support/test-database';

describe('POST /orders', () => {
  const app = TestApp.forSuite();
  let user: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
  });

  /** Sends a body byte for byte: `JSON.stringify` would change some of them. */
  const postBody = (content: string) =>
    user.raw('post', '/orders', { type: 'application/json', content });

  it('requires authentication', async () => {
    const response = await app.api.post('/orders', { product_name: 'Laptop', amount: 1 });
    expectProblem(response, 401, 'unauthenticated');
  });

  it('rejects the token of a user who was deleted while the token was cached', async () => {
    const deleted = await app.api.signUp();
    await deleted.get('/orders').expect(200);
    await app.dataSource.getRepository(User).delete(deleted.userId);

    const response = await deleted.post('/orders', { product_name: 'Laptop', amount: 1 });
    expectProblem(response, 401, 'invalid_token');
  });

  it('writes with one statement on PostgreSQL, and two in a transaction on SQLite', async () => {
    await user.placeOrder(); // caches the session, the open orders and the turn
    await user.placeOrder();
    const statements: string[] = [];
    const log = jest.spyOn(app.dataSource.logger, 'logQuery').mockImplementation((sql) => {
      // Sessions and the lowest turn are read again after some time.
      if (!sql.startsWith('SELECT')) statements.push(sql.trim().split(/\s/, 1)[0]!);
    });
    await user.placeOrder();
    log.mockRestore();
    expect(statements).toEqual(isPostgres() ? ['WITH'] : ['INSERT', 'INSERT']);
  });

  it('places a pending order of the current user', async () => {
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
      attempts: 0,
      failure_reason: null,
      reference: null,
      metadata: {},
      next_attempt_at: response.body.created_at,
    });
    expect(await user.order(response.body.id)).toEqual(response.body);
  });

  it('gives each of many concurrent orders its own id', async () => {
    const orders = await Promise.all(Array.from({ length: 20 }, () => user.placeOrder()));
    expect(new Set(orders.map(({ id }) => id)).size).toBe(20);
  });

  it.each([
    ['0.01'],
    ['0.1'],
    ['0.29'],
    ['1'],
    ['1.15'],
    ['4.35'],
    ['19.99'],
    ['1234567.89'],
    ['1e3', '1000'],
    ['5.00', '5'],
    ['4503599627.37'],
    ['9999999999.98'],
    ['9999999999.99'],
  ])('keeps the amount %s to the cent', async (sent, kept = sent) => {
    const placed = await postBody(`{"product_name":"Laptop","amount":${sent}}`).expect(201);
    const shown = await user.get(placed.headers['location']!).expect(200);
    const listed = await user.get('/orders?limit=1').expect(200);

    for (const { text } of [placed, shown, listed]) expect(text).toContain(`"amount":${kept},`);
  });

  it.each([
    ['0'],
    ['-0'],
    ['-1'],
    ['-0.01'],
    ['0.001'],
    ['0.009'],
    ['0.015'],
    ['1.005'],
    ['0.30000000000000004'], // 0.1 + 0.2
    ['1234567890.125'],
    ['9999999999.991'],
    ['9999999999.995'],
    ['10000000000'],
    ['1e10'],
    ['1e308'],
    ['1e400'], // Infinity, once it is parsed
    ['5e-324'],
    ['"5"'],
    ['"NaN"'],
    ['"Infinity"'],
    ['""'],
    ['null'],
    ['true'],
    ['[5]'],
    ['{}'],
    ['{"$gt":0}'],
  ])('rejects the amount %s', async (amount) => {
    const response = await postBody(`{"product_name":"Laptop","amount":${amount}}`);
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'amount', message: expect.any(String) }]);
  });

  it('rejects an order without an amount', async () => {
    const response = await user.post('/orders', { product_name: 'Laptop' });
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'amount', message: expect.any(String) }]);
  });

  it.each([
    ['one character', 'x'],
    ['200 letters', 'x'.repeat(200)],
    ['200 emoji', '🙂'.repeat(200)],
    ['another script', 'Ноутбук 笔记本 ﷽'],
    ['what looks like SQL', `Robert'); DROP TABLE orders;--`],
    ['what looks like HTML', '<script>alert("1")</script>'],
    ['what looks like a number', '1e3'],
    ['the name of a property of objects', '__proto__'],
  ])('accepts a product name of %s unchanged', async (_, product_name) => {
    const { id } = await user.placeOrder({ product_name, amount: 1 });
    expect((await user.order(id)).product_name).toBe(product_name);
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 5],
    ['true', true],
    ['a list', ['Laptop']],
    ['an object', { $ne: null }],
    ['an empty string', ''],
    ['blanks', '   '],
    ['blanks of other kinds', '\u00a0\u2003\u3000\ufeff'],
    ['invisible characters', '\u200b\u200d'],
    ['201 letters', 'x'.repeat(201)],
    ['201 emoji', '🙂'.repeat(201)],
    ['a NUL', 'Lap\0top'],
    ['only a NUL', '\0'],
    ['a line break', 'Lap\ntop'],
    ['a delete character', 'Lap\x7ftop'],
    ['the first half of a surrogate pair', 'Lap\ud83dtop'],
    ['the second half of a surrogate pair', '\ude42Laptop'],
  ])('rejects a product name of %s', async (_, product_name) => {
    const response = await user.post('/orders', { product_name, amount: 1 });
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'product_name', message: expect.any(String) }]);
  });

  it.each([
    'id',
    'user_id',
    'status',
    'role',
    'version',
    'created_at',
    'completed_at',
    'productName',
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'valueOf',
    'hasOwnProperty',
    '__defineGetter__',
  ])('rejects the unknown field %s', async (field) => {
    const response = await postBody(`{"product_name":"Laptop","amount":1,"${field}":1}`);
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field, message: expect.any(String) }]);
  });

  it('ignores fields of a prototype in the body', async () => {
    const response = await postBody('{"__proto__":{"product_name":"Laptop","amount":1}}');
    expectProblem(response, 400, 'validation_failed');
  });

  it('names every field that is wrong', async () => {
    const response = await user.post('/orders', { product_name: '', amount: 0 });
    expectProblem(response, 400, 'validation_failed');
    const fields = (response.body.errors as { field: string }[]).map(({ field }) => field);
    expect(fields.toSorted()).toEqual(['amount', 'product_name']);
  });

  it('places no order when a field is rejected', async () => {
    const other = await app.api.signUp();
    await other.post('/orders', { product_name: 'Laptop', amount: 1, status: 'completed' });
    await other.post('/orders', { product_name: 'Laptop', amount: 0.001 });

    expect((await other.get('/orders').expect(200)).body.data).toEqual([]);
  });
});
