import { OrderClaims } from '../src/jobs/order-claims';
import { ORDER_EVENT, type OrderEvent } from '../src/orders/order-events';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { type SignedUp, expectProblem } from './support/api-client';
import { asAdminSees } from './support/as-admin-sees';
import { reclaimAll } from './support/due';
import { FAILURE_REASON, placeFailedOrders } from './support/failed-orders';
import { checkHistories } from './support/history-checker';
import { TestApp } from './support/test-app';

describe('administration of one order', () => {
  // Declared first: hooks run in this order, and the next one stops the application.
  afterAll(() => checkHistories(app.dataSource, []));

  const app = TestApp.forSuite();
  let user: SignedUp;
  let admin: SignedUp;

  beforeAll(async () => {
    user = await app.api.signUp();
    admin = await app.signUpAdmin();
  });

  const cancel = (id: number | string, body?: object) =>
    admin.post(`/admin/orders/${id}/cancel`, body);
  const failedOrder = async () => (await placeFailedOrders(app, user))[0];

  describe('POST /admin/orders/:id/cancel', () => {
    it('requires authentication', async () => {
      expectProblem(await app.api.post('/admin/orders/1/cancel'), 401, 'unauthenticated');
    });

    it('is forbidden to the owner of the order', async () => {
      const { id } = await user.placeOrder();
      expectProblem(await user.post(`/admin/orders/${id}/cancel`), 403, 'forbidden');
      expect((await user.order(id)).status).toBe('pending');
    });

    it('cancels a pending order, and records the admin, the reason and the request', async () => {
      const { id } = await user.placeOrder();
      const response = await cancel(id, { reason: 'Out of stock' }).expect(200);

      expect(response.body).toEqual(asAdminSees(await user.order(id)));
      expect(response.body).toMatchObject({
        id,
        status: 'cancelled',
        allowed_actions: [],
        cancel_reason: 'Out of stock',
        cancelled_at: response.body.updated_at,
        next_attempt_at: null,
      });
      expect(response.headers['etag']).toBe('"2-0"');
      expect((await user.history(id)).at(-1)).toEqual({
        sequence: 2,
        from: 'pending',
        to: 'cancelled',
        actor: { type: 'admin', id: admin.userId },
        reason: 'Out of stock',
        request_id: response.headers['x-request-id'],
        created_at: response.body.cancelled_at,
      });
    });

    it('cancels a failed order; the history keeps why it failed', async () => {
      const id = await failedOrder();
      const { body } = await cancel(id).expect(200);
      expect(body).toMatchObject({
        status: 'cancelled',
        attempts: 1,
        failure_reason: null,
        cancel_reason: null,
      });
      const [failure, cancellation] = (await user.history(id)).slice(-2);
      expect(failure).toMatchObject({ to: 'failed', reason: FAILURE_REASON });
      expect(cancellation).toMatchObject({
        from: 'failed',
        to: 'cancelled',
        actor: { type: 'admin', id: admin.userId },
        reason: null,
      });
    });

    it('cancels a postponed order, which is then not claimed', async () => {
      const { id } = await user.placeOrder();
      await app.nest.get(OrderClaims).claim(10);
      await reclaimAll(app);
      await cancel(id).expect(200);
      expect(await app.processor.runOnce()).toBe(0);
      expect((await user.order(id)).status).toBe('cancelled');
    });

    it('rejects an order that is processing, completed or cancelled', async () => {
      const { id } = await user.placeOrder();
      let duringProcessing: unknown;
      app.fulfilment.script = async (claimed) => {
        if (claimed.id === id) duringProcessing = (await cancel(id)).body;
      };
      await app.processor.runOnce();
      app.fulfilment.script = () => Promise.resolve();
      expect(duringProcessing).toMatchObject({ status: 409, current_status: 'processing' });

      const completed = await cancel(id);
      expectProblem(completed, 409, 'order_not_cancellable');
      expect(completed.body).toMatchObject({
        current_status: 'completed',
        detail: 'Only a pending or failed order can be cancelled',
      });

      const { id: other } = await user.placeOrder();
      await cancel(other, { reason: 'first' }).expect(200);
      expectProblem(await cancel(other, { reason: 'second' }), 409, 'order_not_cancellable');
      expect((await user.order(other)).cancel_reason).toBe('first');
    });

    it('publishes order.cancelled once for each cancelled order', async () => {
      const events: OrderEvent[] = [];
      const listener = (event: OrderEvent) => void events.push(event);
      app.nest.get(EventEmitter2).on(ORDER_EVENT.cancelled, listener);
      const ids = [(await user.placeOrder()).id, await failedOrder()];
      for (const id of ids) {
        await cancel(id).expect(200);
        await cancel(id).expect(409);
      }
      app.nest.get(EventEmitter2).off(ORDER_EVENT.cancelled, listener);
      expect(events.map(({ orderId, userId }) => ({ orderId, userId }))).toEqual(
        ids.map((orderId) => ({ orderId, userId: user.userId })),
      );
    });

    it('frees a place below the limit of open orders', async () => {
      const limited = await TestApp.start({ MAX_OPEN_ORDERS_PER_USER: '1' });
      try {
        const owner = await limited.api.signUp();
        const { id } = await owner.placeOrder();
        const order = { product_name: 'Laptop', amount: 1 };
        expectProblem(await owner.post('/orders', order), 409, 'open_orders_limit_reached');
        await (await limited.signUpAdmin()).post(`/admin/orders/${id}/cancel`).expect(200);
        await owner.post('/orders', order).expect(201);
      } finally {
        await limited.stop();
      }
    });

    it('returns 404 for an order that does not exist', async () => {
      expectProblem(await cancel(4_294_967_296), 404, 'order_not_found');
    });

    it.each(['abc', '1e3', '-1', '0', '01', '9007199254740992', '%00'])(
      'rejects the id %s',
      async (id) => {
        expectProblem(await cancel(id), 400, 'validation_failed');
      },
    );

    it.each<[string, object]>([
      ['a reason of 501 characters', { reason: 'x'.repeat(501) }],
      ['an empty reason', { reason: '' }],
      ['a reason that is a number', { reason: 5 }],
      ['a reason with a NUL', { reason: 'a\0b' }],
      ['an unknown field', { status: 'cancelled' }],
      ['ids', { ids: [1] }],
    ])('rejects %s', async (_, body) => {
      const { id } = await user.placeOrder();
      expectProblem(await cancel(id, body), 400, 'validation_failed');
      expect((await user.order(id)).status).toBe('pending');
    });
  });

  describe('GET /admin/orders/:id/history', () => {
    it('requires authentication', async () => {
      expectProblem(await app.api.get('/admin/orders/1/history'), 401, 'unauthenticated');
    });

    it('is for admins, even for the owner of the order', async () => {
      const { id } = await user.placeOrder();
      expectProblem(await user.get(`/admin/orders/${id}/history`), 403, 'forbidden');
    });

    it('returns the history of an order of any user, as its owner sees it', async () => {
      const id = await failedOrder();
      await cancel(id, { reason: 'Out of stock' }).expect(200);
      const { body } = await admin.get(`/admin/orders/${id}/history`).expect(200);
      expect(body).toEqual({ data: await user.history(id) });
      expect(body.data).toHaveLength(4);
    });

    it('returns 404 for an order that does not exist', async () => {
      const response = await admin.get('/admin/orders/4294967296/history');
      expectProblem(response, 404, 'order_not_found');
    });

    it('rejects an id that is no id', async () => {
      expectProblem(await admin.get('/admin/orders/abc/history'), 400, 'validation_failed');
    });
  });

  describe('of two concurrent transitions of one order, one succeeds', () => {
    /** Runs both in alternating order; the second starts some turns of the event loop later. */
    const race = async <A, B>(
      round: number,
      first: () => PromiseLike<A>,
      second: () => PromiseLike<B>,
    ): Promise<[A, B]> => {
      const late = async <T>(work: () => PromiseLike<T>) => {
        for (let turn = 0; turn < round % 23; turn++) await new Promise(setImmediate);
        return work();
      };
      return round % 2 === 0
        ? Promise.all([first(), late(second)])
        : Promise.all([late(first), second()]);
    };
    const ROUNDS = 40;

    it('the cancellation by the admin, or that by the owner', async () => {
      const winners = { admin: 0, user: 0 };
      for (let round = 0; round < ROUNDS; round++) {
        const { id } = await user.placeOrder();
        const [byAdmin, byOwner] = await race(
          round,
          () => cancel(id),
          () => user.patch(`/orders/${id}/cancel`),
        );
        expect([byAdmin.status, byOwner.status].toSorted((a, b) => a - b)).toEqual([200, 409]);
        const winner = byAdmin.status === 200 ? 'admin' : 'user';
        winners[winner]++;
        const history = await user.history(id);
        expect(history.map(({ to }) => to)).toEqual(['pending', 'cancelled']);
        expect(history[1]!.actor.type).toBe(winner);
      }
      expect(winners.admin).toBeGreaterThan(0);
      expect(winners.user).toBeGreaterThan(0);
    }, 180_000);

    it('the cancellation, or a claim', async () => {
      await app.processor.runOnce();
      const winners = { cancel: 0, claim: 0 };
      for (let round = 0; round < ROUNDS * 2; round++) {
        const { id } = await user.placeOrder();
        const [response, claimed] = await race(
          round,
          () => cancel(id),
          () => app.nest.get(OrderClaims).claim(1),
        );
        const isCancelled = response.status === 200;
        winners[isCancelled ? 'cancel' : 'claim']++;
        expect(claimed.map((order) => order.id)).toEqual(isCancelled ? [] : [id]);
        expect(await user.path(id)).toEqual(['pending', isCancelled ? 'cancelled' : 'processing']);
        if (!isCancelled) expect(response.body).toMatchObject({ current_status: 'processing' });
      }
      expect(winners.cancel).toBeGreaterThan(0);
      expect(winners.claim).toBeGreaterThan(0);
    }, 180_000);

    it('the cancellation, or a retry, which can be cancelled afterwards', async () => {
      const ids = await placeFailedOrders(app, user, ROUNDS);
      for (const [round, id] of ids.entries()) {
        const [cancelled, retried] = await race(
          round,
          () => cancel(id),
          () => admin.post(`/admin/orders/${id}/retry`),
        );
        expect(cancelled.status).toBe(200);
        expect([202, 409]).toContain(retried.status);
        const [last] = (await user.history(id)).slice(-1);
        expect(last).toMatchObject({
          from: retried.status === 202 ? 'pending' : 'failed',
          to: 'cancelled',
        });
      }
    }, 180_000);

    it('20 cancellations of a failed order', async () => {
      const id = await failedOrder();
      const responses = await Promise.all(Array.from({ length: 20 }, () => cancel(id)));
      expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(responses.filter(({ status }) => status === 409)).toHaveLength(19);
      expect((await user.path(id)).filter((status) => status === 'cancelled')).toHaveLength(1);
    });
  });
});
