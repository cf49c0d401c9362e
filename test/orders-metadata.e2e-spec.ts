import type { Response } from 'supertest';
import { OrderClaims } from '../src/jobs/order-claims';
import type { OrderResponse } from '../src/orders/order.dto';
import { type ApiClient, type SignedUp, expectProblem } from './support/api-client';
import { asAdminSees } from './support/as-admin-sees';
import { completeClaim } from './support/end-claim';
import { TestApp } from './support/test-app';

const ORDER = { product_name: 'Laptop', amount: 999.99 };

/** An own property, unlike in `{ __proto__: 'x' }`. */
const PROTO = JSON.parse('{"__proto__":"x","constructor":"y","toString":"z","a":"b"}') as object;

const keys = (count: number, prefix = 'key') =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`${prefix}${n}`, String(n)]));

describe('the metadata of an order', () => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false' });
  let user: SignedUp;
  let admin: ApiClient;

  beforeAll(async () => {
    user = await app.api.signUp();
    admin = await app.signUpAdmin();
  });

  const place = async (metadata?: unknown) =>
    (await user.post('/orders', { ...ORDER, metadata }).expect(201)).body as OrderResponse;

  const patch = (id: number, metadata: unknown) => user.patch(`/orders/${id}`, { metadata });

  const etagOf = ({ headers }: Response) => headers['etag']!;

  /** As strings, because `toEqual` ignores a property `__proto__`. */
  const metadataIn = (response: Response) => JSON.stringify(response.body.metadata);

  it.each([
    ['nothing', undefined, {}],
    ['null', null, {}],
    ['an empty object', {}, {}],
    ['one key', { channel: 'web' }, { channel: 'web' }],
    ['keys of all characters', { 'A.b_c-9': '' }, { 'A.b_c-9': '' }],
    ['50 keys', keys(50), keys(50)],
    ['a key of 40 characters', { ['k'.repeat(40)]: 'x' }, { ['k'.repeat(40)]: 'x' }],
    ['a value of 500 letters', { a: 'x'.repeat(500) }, { a: 'x'.repeat(500) }],
    ['a value of 500 emoji', { a: '🙂'.repeat(500) }, { a: '🙂'.repeat(500) }],
    ['several lines', { a: 'b\r\n\tc' }, { a: 'b\r\n\tc' }],
    ['what looks like JSON', { a: '{"b":null}', b: 'null' }, { a: '{"b":null}', b: 'null' }],
    ['quotes', { a: `'"\\` }, { a: `'"\\` }],
  ])('is placed with the order: %s', async (_, given, expected) => {
    const placed = await place(given);
    expect(placed.metadata).toEqual(expected);
    expect(await user.order(placed.id)).toEqual(placed);
    const { data } = (await user.get('/orders?limit=1').expect(200)).body;
    expect(data).toEqual([placed]);
    const forAdmin = await admin.get(`/admin/orders/${placed.id}`).expect(200);
    expect(forAdmin.body).toEqual(asAdminSees(placed));
  });

  it('may have keys that every object inherits', async () => {
    const expected = '{"__proto__":"x","a":"b","constructor":"y","toString":"z"}';
    const placed = await user.post('/orders', { ...ORDER, metadata: PROTO }).expect(201);
    const { id } = placed.body as OrderResponse;
    const read = await user.get(`/orders/${id}`).expect(200);
    expect([metadataIn(placed), metadataIn(read)]).toEqual([expected, expected]);

    const content = '{"metadata":{"__proto__":"changed","toString":null}}';
    const changed = await user.raw('patch', `/orders/${id}`, { type: 'application/json', content });
    expect(metadataIn(changed)).toBe('{"__proto__":"changed","a":"b","constructor":"y"}');
    const list = await user.get('/orders?metadata[__proto__]=changed').expect(200);
    expect((list.body.data as OrderResponse[]).map((order) => order.id)).toEqual([id]);
    expect(({} as { x?: string }).x).toBeUndefined();
  });

  it.each([
    ['51 keys', keys(51)],
    ['a nested object', { a: { b: 'c' } }],
    ['a nested list', { a: ['b'] }],
    ['a number', { a: 1 }],
    ['true', { a: true }],
    ['null as a value', { a: null }],
    ['a list', ['a']],
    ['a string', 'a'],
    ['a number in its place', 5],
    ['an empty key', { '': 'x' }],
    ['a key of 41 characters', { ['k'.repeat(41)]: 'x' }],
    ['a key with a blank', { 'a b': 'x' }],
    ['a key in another script', { ключ: 'x' }],
    ['a key with brackets', { 'a[b]': 'x' }],
    ['a key with a line break at its end', { 'a\n': 'x' }],
    ['a value of 501 letters', { a: 'x'.repeat(501) }],
    ['a value of 501 emoji', { a: '🙂'.repeat(501) }],
    ['a NUL in a value', { a: 'x\0y' }],
    ['a bell in a value', { a: 'x\x07y' }],
    ['half of a surrogate pair in a value', { a: 'x\ud83dy' }],
    ['an object in the place of a constructor', { constructor: { name: 'Array' } }],
    ['a nested constructor', { a: { constructor: 'x' } }],
  ])('is rejected with the order: %s', async (_, metadata) => {
    const response = await user.post('/orders', { ...ORDER, metadata });
    expectProblem(response, 400, 'validation_failed');
    expect(response.body.errors).toEqual([{ field: 'metadata', message: expect.any(String) }]);
  });

  it('leaves entity tags of orders without it as they were, and is part of others', async () => {
    const plain = await user.post('/orders', ORDER).expect(201);
    expect(etagOf(plain)).toBe('"1-0"');
    const placed = await user.post('/orders', { ...ORDER, metadata: { a: 'secret' } }).expect(201);
    expect(etagOf(placed)).toBe('"1-0-1"');
    expect(etagOf(await patch(placed.body.id, { a: 'other' }))).toBe('"1-0-2"');
  });

  describe('changed by PATCH /orders/:id', () => {
    it('requires authentication', async () => {
      const { id } = await place();
      const response = await app.api.patch(`/orders/${id}`, { metadata: {} });
      expectProblem(response, 401, 'unauthenticated');
    });

    it.each<[string, object, unknown, object]>([
      ['adds keys', { a: '1' }, { b: '2' }, { a: '1', b: '2' }],
      ['adds keys to an order without any', {}, { b: '2' }, { b: '2' }],
      ['changes values', { a: '1', b: '2' }, { a: '3' }, { a: '3', b: '2' }],
      ['sets an empty value', { a: '1' }, { a: '' }, { a: '' }],
      ['removes keys', { a: '1', b: '2' }, { a: null }, { b: '2' }],
      ['does all of it', { a: '1', b: '2' }, { a: null, b: '3', c: '4' }, { b: '3', c: '4' }],
      ['removes everything', { a: '1', b: '2' }, null, {}],
      ['replaces 50 keys', keys(50), { ...mapToNull(keys(50)), ...keys(50, 'k') }, keys(50, 'k')],
    ])('%s', async (_, before, metadata, expected) => {
      const placed = await place(before);
      const response = await patch(placed.id, metadata).expect(200);
      const { updated_at } = response.body as OrderResponse;
      expect(response.body).toEqual(Object.assign({}, placed, { metadata: expected, updated_at }));
      expect(response.body.updated_at >= placed.updated_at).toBe(true);
      const read = await user.get(`/orders/${placed.id}`).expect(200);
      expect([read.text, etagOf(read)]).toEqual([response.text, etagOf(response)]);
      expect(etagOf(response)).toMatch(/^"1-0-\d"$/);
      expect(await user.history(placed.id)).toHaveLength(1);
    });

    it.each<[string, object, unknown]>([
      ['an empty patch', { a: '1' }, {}],
      ['the values that it has', { a: '1' }, { a: '1' }],
      ['null for a key that it does not have', { a: '1' }, { b: null }],
      ['null when it has none', {}, null],
    ])('leaves the entity tag and updated_at with %s', async (_, before, metadata) => {
      const { id } = await place(before);
      const read = await user.get(`/orders/${id}`).expect(200);
      const response = await patch(id, metadata).expect(200);
      expect([response.text, etagOf(response)]).toEqual([read.text, etagOf(read)]);
    });

    it.each([
      'application/json',
      'application/merge-patch+json',
      'application/merge-patch+json; charset=utf-8',
    ])('accepts %s', async (type) => {
      const { id } = await place();
      const content = '{"metadata":{"a":"1"}}';
      const response = await user.raw('patch', `/orders/${id}`, { type, content }).expect(200);
      expect(response.body.metadata).toEqual({ a: '1' });
    });

    it.each([
      ['patch', '', 'application/json-patch+json'],
      ['patch', '', 'text/plain'],
      ['patch', '', 'application/merge-patch+json; charset=utf-16'],
      ['patch', '/cancel', 'application/merge-patch+json'],
    ] as const)('rejects other media types: %s …%s %s', async (method, path, type) => {
      const { id } = await place();
      const response = await user.raw(method, `/orders/${id}${path}`, { type, content: '{}' });
      expectProblem(response, 415, 'unsupported_media_type');
      expect((await user.order(id)).status).toBe('pending');
    });

    it('rejects a merge patch on a route that creates something', async () => {
      const type = 'application/merge-patch+json';
      const response = await user.raw('post', '/orders', { type, content: JSON.stringify(ORDER) });
      expectProblem(response, 415, 'unsupported_media_type');
    });

    it.each([
      ['a nested object', { a: { b: 'c' } }],
      ['a nested list', { a: ['b'] }],
      ['a number', { a: 1 }],
      ['a list', []],
      ['a string', 'a'],
      ['a key with a blank', { 'a b': null }],
      ['a key of 41 characters', { ['k'.repeat(41)]: 'x' }],
      ['a value of 501 letters', { a: 'x'.repeat(501) }],
      ['a NUL in a value', { a: 'x\0y' }],
      ['half of a surrogate pair in a value', { a: 'x\udfffy' }],
      ['51 keys', keys(51)],
      ['101 keys', mapToNull(keys(101))],
      ['a nested constructor', { a: { constructor: 'x' } }],
    ])('rejects %s', async (_, metadata) => {
      const { id } = await place({ kept: 'x' });
      const before = await user.get(`/orders/${id}`).expect(200);
      const response = await patch(id, metadata);
      expectProblem(response, 400, 'validation_failed');
      expect(response.body.errors).toEqual([{ field: 'metadata', message: expect.any(String) }]);
      const after = await user.get(`/orders/${id}`).expect(200);
      expect([after.text, etagOf(after)]).toEqual([before.text, etagOf(before)]);
    });

    it('limits the keys after the merge, and changes nothing beyond', async () => {
      const { id, metadata } = await place(keys(49));
      await patch(id, { one: 'more' }).expect(200);
      const response = await patch(id, { another: 'x', key0: 'changed' });
      expectProblem(response, 400, 'validation_failed');
      expect(response.body.errors).toEqual([
        { field: 'metadata', message: 'metadata may have at most 50 keys, and would have 51' },
      ]);
      expect((await user.order(id)).metadata).toEqual({ ...metadata, one: 'more' });
      await patch(id, { another: 'x', key0: null }).expect(200);
    });

    it.each([
      ['nothing', '{}', 'metadata'],
      ['a status', '{"metadata":{},"status":"completed"}', 'status'],
      ['an unknown member', '{"metadata":{},"note":"x"}', 'note'],
      ['a product name', '{"metadata":{},"product_name":"x"}', 'product_name'],
      ['a property of objects', '{"metadata":{},"__proto__":{"a":"b"}}', '__proto__'],
    ])('rejects a body with %s', async (_, content, field) => {
      const { id } = await place();
      const body = { type: 'application/json', content };
      const response = await user.raw('patch', `/orders/${id}`, body);
      expectProblem(response, 400, 'validation_failed');
      expect(response.body.errors).toEqual([{ field, message: expect.any(String) }]);
    });

    it.each(['null', '[]', '"x"', '{"metadata":'])('rejects the body %s', async (content) => {
      const { id } = await place();
      const body = { type: 'application/merge-patch+json', content };
      expectProblem(await user.raw('patch', `/orders/${id}`, body), 400, 'malformed_body');
    });

    it('returns 404 for orders of other users, and for those that do not exist', async () => {
      const { id } = await place({ a: '1' });
      const other = await app.api.signUp();
      const body = { metadata: { a: '2' } };
      expectProblem(await other.patch(`/orders/${id}`, body), 404, 'order_not_found');
      expectProblem(await user.patch('/orders/4294967296', body), 404, 'order_not_found');
      expectProblem(await user.patch('/orders/1e3', body), 400, 'validation_failed');
      expect((await user.order(id)).metadata).toEqual({ a: '1' });
    });

    it('compares If-Match with the current state', async () => {
      const placed = await user.post('/orders', { ...ORDER, metadata: { a: '1' } }).expect(201);
      const { id } = placed.body as OrderResponse;
      const send = (metadata: object, ifMatch: string) =>
        patch(id, metadata).set('If-Match', ifMatch);
      const changed = await send({ a: '2' }, etagOf(placed)).expect(200);
      expectProblem(await send({ a: '3' }, etagOf(placed)), 412, 'precondition_failed');
      expectProblem(await send({}, etagOf(placed)), 412, 'precondition_failed');
      expect((await user.order(id)).metadata).toEqual({ a: '2' });
      await send({ a: '3' }, `W/${etagOf(changed)}`).expect(200);
      await send({ a: '4' }, '*').expect(200);
      const malformed = await send({ a: '5' }, '"1');
      expectProblem(malformed, 400, 'validation_failed');
      const cancelled = await user.patch(`/orders/${id}/cancel`).set('If-Match', etagOf(changed));
      expectProblem(cancelled, 412, 'precondition_failed');
      const current = etagOf(await user.get(`/orders/${id}`));
      await user.patch(`/orders/${id}/cancel`).set('If-Match', current).expect(200);
    });

    it('works in every status, and survives transitions', async () => {
      const { id } = await place({ a: '1' });
      const claims = app.nest.get(OrderClaims);
      const claimed = (await claims.claim(1_000)).find((order) => order.id === id)!;
      expect((await patch(id, { b: 'processing' }).expect(200)).body.status).toBe('processing');
      await completeClaim(app, claimed);
      const { body } = await patch(id, { c: 'completed' }).expect(200);
      expect(body).toMatchObject({
        status: 'completed',
        metadata: { a: '1', b: 'processing', c: 'completed' },
      });
      expect(body.updated_at >= body.completed_at).toBe(true);
      expect(await user.path(id)).toEqual(['pending', 'processing', 'completed']);

      const { id: cancelled } = await place({ a: '1' });
      const response = await user.patch(`/orders/${cancelled}/cancel`).expect(200);
      expect(response.body.metadata).toEqual({ a: '1' });
      await patch(cancelled, { a: '2' }).expect(200);
    });

    it('keeps what concurrent patches of different keys write', async () => {
      const { id } = await place();
      const responses = await Promise.all(
        Array.from({ length: 20 }, (_, n) => patch(id, { [`key${n}`]: String(n) })),
      );
      expect(responses.map(({ status }) => status)).toEqual(responses.map(() => 200));
      expect((await user.order(id)).metadata).toEqual(keys(20));
      expect(new Set(responses.map(etagOf)).size).toBe(20);
      // Each response shows the state that its tag identifies.
      for (const response of responses) {
        const version = Number(/-(\d+)"$/.exec(etagOf(response))![1]);
        // An order without metadata has 0, and one that was placed with it 1.
        expect(Object.keys(response.body.metadata as object)).toHaveLength(version - 1);
      }
    });

    it('never exceeds 50 keys by concurrent patches', async () => {
      const { id } = await place(keys(40));
      const responses = await Promise.all(
        Array.from({ length: 20 }, (_, n) => patch(id, { [`more${n}`]: 'x' })),
      );
      expect(responses.filter(({ status }) => status === 200)).toHaveLength(10);
      expect(responses.filter(({ status }) => status === 400)).toHaveLength(10);
      expect(Object.keys((await user.order(id)).metadata)).toHaveLength(50);
    });

    it('performs one of many patches with the same tag', async () => {
      const { id } = await place();
      const responses = await Promise.all(
        Array.from({ length: 10 }, (_, n) => patch(id, { a: String(n) }).set('If-Match', '"1-0"')),
      );
      const [winner, ...others] = responses.toSorted((a, b) => a.status - b.status);
      expect(winner!.status).toBe(200);
      for (const response of others) expectProblem(response, 412, 'precondition_failed');
      expect((await user.order(id)).metadata).toEqual(winner!.body.metadata);
    });

    it('shows one state while patches and cancellations race', async () => {
      for (let round = 0; round < 5; round++) {
        const { id } = await place({ n: '0' });
        const shown = new Map<string, string>();
        const responses = await Promise.all([
          ...Array.from({ length: 6 }, (_, n) => patch(id, { n: String(n + 1) })),
          user.patch(`/orders/${id}/cancel`),
          ...Array.from({ length: 6 }, () => user.get(`/orders/${id}`)),
        ]);
        for (const response of responses) {
          expect(response.status).toBe(200);
          const known = shown.get(etagOf(response)) ?? response.text;
          expect(response.text).toBe(known);
          shown.set(etagOf(response), known);
        }
      }
    });

    it('never moves updated_at back when the clock of the database was set back', async () => {
      const { id } = await place();
      const future = '2100-01-01T00:00:00.000Z';
      await app.dataSource.query(`UPDATE orders SET updated_at = '${future}' WHERE id = ${id}`);
      expect((await patch(id, { a: '1' }).expect(200)).body.updated_at).toBe(future);
    });
  });
});

function mapToNull(metadata: object): object {
  return Object.fromEntries(Object.keys(metadata).map((key) => [key, null]));
}
