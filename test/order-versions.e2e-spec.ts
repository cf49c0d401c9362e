import type { Response } from 'supertest';
import { Transactions } from '../src/database/transactions';
import { OrderClaims } from '../src/jobs/order-claims';
import { OrderLeases } from '../src/jobs/order-leases';
import { OrderTransitions } from '../src/orders/order-transitions';
import { type ApiClient, type SignedUp, expectProblem } from './support/api-client';
import { makePostponedOrdersDue, reclaimAll } from './support/due';
import { completeClaim, failClaim, postponeClaim, releaseClaim } from './support/end-claim';
import { TestApp } from './support/test-app';

describe('the versions of orders', () => {
  const app = TestApp.forSuite({ PROCESSING_ENABLED: 'false', PROCESSING_MAX_ATTEMPTS: '3' });
  let user: SignedUp;
  let admin: ApiClient;

  beforeAll(async () => {
    user = await app.api.signUp();
    admin = await app.signUpAdmin();
  });

  afterEach(() => jest.restoreAllMocks());

  const etagOf = ({ headers }: Response) => headers['etag']!;

  const placeOrder = async () => {
    const response = await user.post('/orders', { product_name: 'Laptop', amount: 1 }).expect(201);
    return {
      path: `/orders/${response.body.id}`,
      id: response.body.id as number,
      etag: etagOf(response),
    };
  };

  const cancel = (path: string, ifMatch: string | string[]) =>
    user.patch(`${path}/cancel`).set('If-Match', ifMatch as string);

  it('are strong entity tags, the same in every response with the order', async () => {
    const { path, id, etag } = await placeOrder();
    expect(etag).toMatch(/^"[!#-~]+"$/);
    for (const response of [await user.get(path), await admin.get(`/admin/orders/${id}`)]) {
      expect([response.status, etagOf(response)]).toEqual([200, etag]);
    }
    const cancelled = await user.patch(`${path}/cancel`).expect(200);
    expect(etagOf(cancelled)).not.toBe(etag);
    expect(etagOf(await user.get(path))).toBe(etagOf(cancelled));
  });

  it('identify one state of the order each, through all transitions', async () => {
    const claims = app.nest.get(OrderClaims);
    const { path, id } = await placeOrder();
    const shown = new Map<string, string>();
    const look = async () => {
      const response = await user.get(path).expect(200);
      const known = shown.get(etagOf(response));
      if (known !== undefined) expect(response.text).toBe(known);
      shown.set(etagOf(response), response.text);
    };
    const claim = async () => (await claims.claim(100)).find((claimed) => claimed.id === id)!;

    await look();
    const first = await claim();
    await look();
    await app.nest.get(OrderLeases).renew([first.lease]);
    await look();
    await releaseClaim(app, first, 'The process ends');
    await look();
    await claim();
    await look();
    await reclaimAll(app);
    await look();
    const reclaimed = await claim();
    await look();
    await postponeClaim(app, reclaimed, 'Not now', 10);
    await look();
    await makePostponedOrdersDue(app); // changes an order without a transition
    await failClaim(app, await claim(), 'Never');
    await look();
    const retried = await admin.post(`/admin/orders/${id}/retry`).expect(202);
    await look();
    const seen = JSON.parse(shown.get(etagOf(retried))!) as object;
    expect({ ...seen, lease_expires_at: null }).toEqual(retried.body);
    await completeClaim(app, await claim());
    await look();
    for (const note of ['x', 'y', null]) {
      await user.patch(path, { metadata: { note } }).expect(200);
      await look();
    }

    expect(shown.size).toBe(13);
  });

  describe.each(['/orders', '/admin/orders'])('GET %s/:id', (prefix) => {
    let path: string;
    let etag: string;
    let reader: ApiClient;

    beforeAll(async () => {
      const placed = await placeOrder();
      ({ etag } = placed);
      path = `${prefix}/${placed.id}`;
      reader = prefix === '/orders' ? user : admin;
    });

    it.each<[string, () => string]>([
      ['is the current one', () => etag],
      ['is the current one, weak', () => `W/${etag}`],
      ['is the current one without quotes', () => etag.replaceAll('"', '')],
      ['is the current one with the suffix of Apache', () => etag.replace(/"$/, '-gzip"')],
      ['is a list with it', () => `"x", W/"y",${etag}`],
      ['is *', () => '*'],
    ])('responds with 304 and no body when If-None-Match %s', async (_, given) => {
      for (const cacheControl of ['max-age=0', 'no-cache']) {
        const response = await reader
          .get(path)
          .set({ 'If-None-Match': given(), 'Cache-Control': cacheControl });
        expect([response.status, response.text, etagOf(response)]).toEqual([304, '', etag]);
        expect(response.headers).not.toHaveProperty('content-type');
        expect(response.headers).toHaveProperty('x-request-id');
      }
    });

    it('responds with 304 when one of two headers matches', async () => {
      const given = ['"x"', etag] as unknown as string;
      expect((await reader.get(path).set('If-None-Match', given)).status).toBe(304);
    });

    it.each<[string, () => string]>([
      ['is another one', () => '"0-0"'],
      ['has other letters', () => etag.replace('"', '"x')],
      ['is another one without quotes', () => '0-0'],
      ['is empty', () => ''],
      ['is a comma', () => ','],
      ['is any word', () => 'anything'],
      ['has * among others', () => '"x", *'],
    ])('responds with the order when If-None-Match %s', async (_, given) => {
      const response = await reader.get(path).set('If-None-Match', given());
      expect([response.status, etagOf(response)]).toEqual([200, etag]);
      expect(response.body).toHaveProperty('status', 'pending');
    });

    it('responds with 404 for a missing order, even when the header is *', async () => {
      const response = await reader.get(`${prefix}/4294967296`).set('If-None-Match', '*');
      expectProblem(response, 404, 'order_not_found');
    });
  });

  describe('PATCH /orders/:id/cancel', () => {
    it.each<[string, (etag: string) => string | string[]]>([
      ['is the current one', (etag) => etag],
      ['is a list with it', (etag) => `"x", ${etag} ,W/"y"`],
      ['is the last of 100', (etag) => `${'"x",'.repeat(99)}${etag}`],
      ['is the current one, weakened by nginx', (etag) => `W/${etag}`],
      ['has the suffix of Apache', (etag) => etag.replace(/"$/, '-gzip"')],
      ['has the suffix of Jetty, weak', (etag) => `W/${etag.replace(/"$/, '--gzip"')}`],
      ['has no quotes', (etag) => etag.replaceAll('"', '')],
      ['is in the second of two headers', (etag) => ['"x"', etag]],
      ['is *', () => '*'],
    ])('cancels when If-Match %s', async (_, given) => {
      const { path, etag } = await placeOrder();
      const response = await cancel(path, given(etag));
      expect([response.status, response.body.status]).toEqual([200, 'cancelled']);
    });

    it.each<[string, (etag: string) => string]>([
      ['another one', () => '"0-0"'],
      ['another one, weak', () => 'W/"0-0"'],
      ['another one without quotes', () => '0-0'],
      ['the current one with another suffix', (etag) => etag.replace(/"$/, '-x"')],
      ['a list of others', () => `"x", W/"y", "1"`],
      ['what looks like SQL', () => `"'OR'1'='1"`],
      ['a hundred others', () => Array.from({ length: 100 }, (_, n) => `"${n}-x"`).join(',')],
    ])('rejects the request and changes nothing when If-Match is %s', async (_, given) => {
      const { path, id, etag } = await placeOrder();
      expectProblem(await cancel(path, given(etag)), 412, 'precondition_failed');
      const response = await user.get(path).expect(200);
      expect([etagOf(response), response.body.status]).toEqual([etag, 'pending']);
      expect(await user.history(id)).toHaveLength(1);
    });

    it('rejects a tag from before the order was claimed and released', async () => {
      const { path, id, etag } = await placeOrder();
      const claims = app.nest.get(OrderClaims);
      const claimed = (await claims.claim(100)).find((claimed) => claimed.id === id)!;
      await releaseClaim(app, claimed, 'The process ends');
      expectProblem(await cancel(path, etag), 412, 'precondition_failed');
    });

    it('checks the version before the status', async () => {
      const { path, etag } = await placeOrder();
      const current = etagOf(await user.patch(`${path}/cancel`).expect(200));
      expectProblem(await cancel(path, etag), 412, 'precondition_failed');
      expectProblem(await cancel(path, current), 409, 'order_not_cancellable');
      expectProblem(await cancel(path, '*'), 409, 'order_not_cancellable');
    });

    /** Claims the order and releases it, between the read of the guard and the transaction. */
    const changeBeforeUpdate = (id: number) => {
      const claims = app.nest.get(OrderClaims);
      const transactions = app.nest.get(Transactions);
      const run = transactions.run.bind(transactions);
      jest.spyOn(transactions, 'run').mockImplementationOnce(async (work) => {
        const claimed = (await claims.claim(100)).find((claimed) => claimed.id === id)!;
        await releaseClaim(app, claimed, 'The process ends');
        return run(work);
      });
    };

    it('rejects the request and changes nothing when the order changes after it was read', async () => {
      const { path, id, etag } = await placeOrder();
      changeBeforeUpdate(id);
      expectProblem(await cancel(path, etag), 412, 'precondition_failed');
      expect((await user.get(path)).body.status).toBe('pending');
      expect(await user.path(id)).toEqual(['pending', 'processing', 'pending']);
    });

    it('rejects the request when only the metadata changes after the order was read', async () => {
      const { path, etag } = await placeOrder();
      const transactions = app.nest.get(Transactions);
      const run = transactions.run.bind(transactions);
      jest.spyOn(transactions, 'run').mockImplementationOnce(async (work) => {
        await user.patch(path, { metadata: { note: 'x' } }).expect(200);
        return run(work);
      });
      expectProblem(await cancel(path, etag), 412, 'precondition_failed');
      expect((await user.get(path)).body).toMatchObject({
        status: 'pending',
        metadata: { note: 'x' },
      });
    });

    it('cancels when If-Match names the state that the order changes to', async () => {
      const { path, id, etag } = await placeOrder();
      changeBeforeUpdate(id);
      const response = await cancel(path, `${etag}, "3-0"`);
      expect([response.status, response.body.status]).toEqual([200, 'cancelled']);
    });

    it('gives up with 503 when the order changes before each of ten attempts', async () => {
      const { path, etag } = await placeOrder();
      const apply = jest.spyOn(app.nest.get(OrderTransitions), 'apply').mockResolvedValue([]);
      expectProblem(await cancel(path, etag), 503, 'service_unavailable');
      expect(apply).toHaveBeenCalledTimes(10);
    });

    it('cancels without If-Match although the order changes meanwhile', async () => {
      const { path, id } = await placeOrder();
      changeBeforeUpdate(id);
      expect((await user.patch(`${path}/cancel`)).status).toBe(200);
    });

    it('performs one of many cancellations with the same tag', async () => {
      const { path, id, etag } = await placeOrder();
      const responses = await Promise.all(Array.from({ length: 10 }, () => cancel(path, etag)));
      expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
      for (const response of responses.filter(({ status }) => status !== 200)) {
        expectProblem(response, 412, 'precondition_failed');
      }
      expect(await user.history(id)).toHaveLength(2);
    });

    it('tries again when the order became cancellable in the meantime', async () => {
      const { path, etag } = await placeOrder();
      jest.spyOn(app.nest.get(OrderTransitions), 'apply').mockResolvedValueOnce([]);
      expect((await cancel(path, etag)).status).toBe(200);
    });

    it('returns 404 for missing orders and those of other users, with any If-Match', async () => {
      const { path, etag } = await placeOrder();
      const other = await app.api.signUp();
      for (const response of [
        await other.patch(`${path}/cancel`).set('If-Match', etag),
        await other.patch(`${path}/cancel`).set('If-Match', '"x"'),
        await other.patch('/orders/4294967296/cancel').set('If-Match', '*'),
      ]) {
        expectProblem(response, 404, 'order_not_found');
      }
    });

    it.each<[string, string | string[]]>([
      ['nothing', ''],
      ['a comma', ','],
      ['101 tags', '"1-0",'.repeat(101)],
      ['one quote', '"1-0'],
      ['single quotes', "'1-0'"],
      ['two tags without a comma', '"1-0" "2-0"'],
      ['a small w', 'w/"1-0"'],
      ['* and a tag', '*, "1-0"'],
      ['* in the second of two headers', ['"1-0"', '*']],
      ['a blank in a tag', '"1 0"'],
    ])('rejects an If-Match of %s', async (_, given) => {
      const { path } = await placeOrder();
      const response = await cancel(path, given);
      expectProblem(response, 400, 'validation_failed');
      expect(response.body.errors).toEqual([{ field: 'If-Match', message: expect.any(String) }]);
      expect((await user.get(path)).body.status).toBe('pending');
    });
  });
});
