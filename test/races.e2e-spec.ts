import { OrderClaims } from '../src/jobs/order-claims';
import type { ApiClient } from './support/api-client';
import { tally } from './support/http-load';
import { TestApp } from './support/test-app';

describe('races', () => {
  const app = TestApp.forSuite();
  let user: ApiClient & { userId: number };

  beforeAll(async () => {
    user = await app.api.signUp();
  });

  it('fault 7: a cancellation and a claim: exactly one succeeds, in each of 300 rounds', async () => {
    const claims = app.nest.get(OrderClaims);
    const winners = { cancel: 0, claim: 0 };
    for (let round = 0; round < 300; round++) {
      const { id } = await user.placeOrder();
      const cancelFirst = round % 2 === 0;
      const cancel = () => user.patch(`/orders/${id}/cancel`).then((response) => response);
      // The claim starts after up to 22 turns of the event loop, as a request takes some to arrive.
      const claim = async () => {
        for (let turn = 0; turn < round % 23; turn++) await new Promise(setImmediate);
        return claims.claim(1);
      };
      const [response, claimed] = cancelFirst
        ? await Promise.all([cancel(), claim()])
        : await Promise.all([claim(), cancel()]).then(([c, r]) => [r, c] as const);

      if (response.status === 200) {
        expect(claimed).toEqual([]);
        winners.cancel++;
      } else {
        expect(response.body).toMatchObject({ status: 409, current_status: 'processing' });
        expect(claimed.map((order) => order.id)).toEqual([id]);
        winners.claim++;
      }
      const path = await user.path(id);
      expect(path).toEqual(['pending', response.status === 200 ? 'cancelled' : 'processing']);
    }
    expect(winners.cancel).toBeGreaterThan(0);
    expect(winners.claim).toBeGreaterThan(0);
  }, 90_000);

  it('20 cancellations of one order: one succeeds', async () => {
    const { id } = await user.placeOrder();
    const responses = await Promise.all(
      Array.from({ length: 20 }, () => user.patch(`/orders/${id}/cancel`)),
    );
    expect(tally(responses)).toEqual({ 200: 1, 409: 19 });
    expect(await user.history(id)).toHaveLength(2);
  });

  it('20 registrations of one e-mail address: one succeeds', async () => {
    const account = { name: 'Twin', email: 'twin@example.com', password: 'correct horse' };
    const responses = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        app.api.post('/auth/register', {
          ...account,
          email: n % 2 ? account.email : account.email.toUpperCase(),
        }),
      ),
    );
    expect(tally(responses)).toEqual({ 201: 1, 409: 19 });
    expect(responses.find(({ status }) => status === 409)!.body).toMatchObject({
      code: 'email_taken',
      detail: 'Email already registered',
    });
  });

  it('fault 14: 200 mixed requests and a processing run: no acknowledged write is lost', async () => {
    const acknowledged = new Map<number, { readonly owner: ApiClient; readonly amount: number }>();
    const cancelled = new Set<number>();
    const registered = await app.api.signUp();
    const users = [user, await app.api.signUp(), await app.api.signUp()];
    const unexpected: string[] = [];
    const requests = Array.from({ length: 200 }, async (_, n) => {
      const owner = users[n % users.length]!;
      if (n % 10 === 0) {
        const response = await app.api.post('/auth/register', {
          name: 'Late',
          email: registered.email,
          password: 'correct horse',
        });
        if (response.status !== 409) unexpected.push(response.text);
      } else if (n % 10 < 3) {
        const response = await owner.get('/orders?limit=100');
        if (response.status !== 200) unexpected.push(response.text);
      } else {
        const amount = (n + 1) / 100;
        const response = await owner.post('/orders', { product_name: `Item ${n}`, amount });
        if (response.status !== 201) unexpected.push(response.text);
        const { id } = response.body as { id: number };
        acknowledged.set(id, { owner, amount });
        if (n % 2 === 0) {
          const cancellation = await owner.patch(`/orders/${id}/cancel`);
          if (cancellation.status === 200) cancelled.add(id);
          else if (cancellation.status !== 409) unexpected.push(cancellation.text);
        }
      }
    });
    await Promise.all([...requests, app.processor.runOnce()]);
    await app.processor.runOnce();

    expect(unexpected).toEqual([]);
    expect(acknowledged.size).toBe(140);
    for (const [id, { owner, amount }] of acknowledged) {
      const order = await owner.order(id);
      expect(order.amount).toBe(amount);
      expect(order.status).toBe(cancelled.has(id) ? 'cancelled' : 'completed');
      const path = (await owner.history(id)).map(({ sequence, to }) => `${sequence} ${to}`);
      expect(path).toEqual(
        cancelled.has(id)
          ? ['1 pending', '2 cancelled']
          : ['1 pending', '2 processing', '3 completed'],
      );
    }
  });
});
