import { Injectable, Logger, Module } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { RegisterFulfilmentStep, failed } from '../src/jobs/fulfilment-step';
import { Transactions } from '../src/database/transactions';
import { OrderClaims } from '../src/jobs/order-claims';
import { OrderLeases } from '../src/jobs/order-leases';
import { ORDER_EVENT, type OrderEvent } from '../src/orders/order-events';
import { OrderTransitions } from '../src/orders/order-transitions';
import { Order } from '../src/orders/order.entity';
import type { SignedUp } from './support/api-client';
import { makePostponedOrdersDue, reclaimAll } from './support/due';
import { PreviousRelease } from './support/previous-release';
import { ScriptedFulfilment } from './support/scripted-fulfilment';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

/** Only registered steps run in the context of the request. */
@Injectable()
@RegisterFulfilmentStep({ position: 1 })
class RegisteredStep extends ScriptedFulfilment {}

@Module({ providers: [RegisteredStep] })
class StepModule {}

describe('the id of the request that placed an order', () => {
  const app = TestApp.forSuite({ PROCESSING_MAX_ATTEMPTS: '2' }, { modules: [StepModule] });
  let step: RegisteredStep;
  let admin: SignedUp;
  let requests = 0;

  beforeAll(async () => {
    admin = await app.signUpAdmin();
    step = app.nest.get(RegisteredStep);
  });

  afterEach(async () => {
    step.script = () => Promise.resolve();
    // The runs of a test find its own orders only.
    await waitUntil(async () => {
      await makePostponedOrdersDue(app);
      await app.processor.runOnce();
      return (await app.dataSource.getRepository(Order).countBy({ status: 'pending' })) === 0;
    });
  });

  async function place(): Promise<{ id: number; requestId: string }> {
    const requestId = `place-${++requests}`;
    const order = { product_name: 'Laptop', amount: 1 };
    const { body } = await admin
      .post('/orders', order)
      .set('X-Request-Id', requestId)
      .expect('X-Request-Id', requestId)
      .expect(201);
    return { id: (body as { id: number }).id, requestId };
  }

  /** What `grep` finds in the log. */
  const grep = (id: string) => app.logLines.filter((line) => JSON.stringify(line).includes(id));
  const messagesWith = (id: string) => grep(id).map(({ msg }) => String(msg));
  const linesOf = (orderId: number) => app.logLines.filter(({ order_id }) => order_id === orderId);
  const requestIdsOf = async (orderId: number) =>
    (await admin.history(orderId)).map(({ request_id }) => request_id);
  const fulfil = (script: RegisteredStep['script']) => {
    step.script = script;
    return app.processor.runOnce();
  };

  it('is in the lines and in the history of an order, to its end', async () => {
    const { id, requestId } = await place();
    await app.processor.runOnce();

    await waitUntil(() => messagesWith(requestId).includes('request completed'));
    expect(messagesWith(requestId).toSorted()).toEqual(
      ['Order completed', 'Order pending', 'Order processing', 'request completed'].toSorted(),
    );
    for (const line of linesOf(id)) expect(line['request_id']).toBe(requestId);
    expect(await requestIdsOf(id)).toEqual([requestId, requestId, requestId]);
  });

  it('is in the lines about attempts that fail, and about the order when it fails', async () => {
    const { id, requestId } = await place();
    await fulfil(() => Promise.reject(new Error('out of stock')));
    await makePostponedOrdersDue(app);
    await fulfil(() => Promise.resolve(failed('Sold out')));

    const ofJob = linesOf(id).slice(1);
    expect(ofJob.map(({ msg, request_id }) => [msg, request_id])).toEqual([
      ['Order processing', requestId],
      ['An attempt failed', requestId],
      ['Order pending', requestId],
      ['Order processing', requestId],
      ['Order failed', requestId],
    ]);
    expect(new Set(await requestIdsOf(id))).toEqual(new Set([requestId]));
  });

  it('is in the line about a reclaimed order', async () => {
    const { id, requestId } = await place();
    const claimed = await app.nest.get(OrderClaims).claim(10);
    await app.nest.get(OrderLeases).begin(claimed.map(({ lease }) => lease));
    await reclaimAll(app);

    expect(linesOf(id)).toContainEqual(
      expect.objectContaining({
        msg: 'Reclaimed an order whose lease expired',
        request_id: requestId,
      }),
    );
    expect(await requestIdsOf(id)).toEqual([requestId, requestId, requestId]);
  });

  it('is in the lines that steps and listeners log, each that of its order', async () => {
    const emitter = app.nest.get(EventEmitter2);
    const send = async (orderId: number) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      new Logger('Mail').log({ msg: 'Sent', order_id: orderId });
      throw new Error('no reply');
    };
    const listener = ({ orderId }: OrderEvent): unknown => send(orderId);
    emitter.on(ORDER_EVENT.completed, listener);
    const orders = [await place(), await place(), await place()];
    await fulfil(async ({ id }) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      new Logger('Shipping').log({ msg: 'Shipped', order_id: id });
    });
    await waitUntil(() => grep('A listener failed').length === orders.length);
    emitter.off(ORDER_EVENT.completed, listener);

    for (const { id, requestId } of orders) {
      const messages = linesOf(id).map(({ msg }) => msg);
      expect(messages).toEqual(expect.arrayContaining(['Shipped', 'Sent', 'A listener failed']));
      for (const line of linesOf(id)) expect(line['request_id']).toBe(requestId);
    }
  });

  it('is beside the id of the request that cancels the order', async () => {
    const { id, requestId } = await place();
    await admin.patch(`/orders/${id}/cancel`).set('X-Request-Id', 'cancel-it').expect(200);

    expect(linesOf(id).at(-1)).toMatchObject({
      msg: 'Order cancelled',
      request_id: 'cancel-it',
      order_request_id: requestId,
    });
    expect(await requestIdsOf(id)).toEqual([requestId, 'cancel-it']);
  });

  it('is in the lines of the job after an admin has retried the order', async () => {
    const { id, requestId } = await place();
    await fulfil(() => Promise.resolve(failed('Sold out')));
    await admin.post(`/admin/orders/${id}/retry`).set('X-Request-Id', 'retry-it').expect(202);
    await fulfil(() => Promise.resolve());

    expect(await requestIdsOf(id)).toEqual([
      requestId,
      requestId,
      requestId,
      'retry-it',
      requestId,
      requestId,
    ]);
    const last = linesOf(id).slice(-3);
    expect(last).toMatchObject([
      { msg: 'Order pending', request_id: 'retry-it', order_request_id: requestId },
      { msg: 'Order processing', request_id: requestId },
      { msg: 'Order completed', request_id: requestId },
    ]);
    for (const line of last.slice(1)) expect(line).not.toHaveProperty('order_request_id');
  });

  it('is that of the first request with an idempotency key', async () => {
    const order = { product_name: 'Laptop', amount: 1 };
    const send = (requestId: string) =>
      admin
        .post('/orders', order)
        .set({ 'Idempotency-Key': 'once', 'X-Request-Id': requestId })
        .expect(201);
    const { body } = await send('first-request');
    await send('second-request').expect('Idempotent-Replayed', 'true');
    await app.processor.runOnce();
    expect(new Set(await requestIdsOf((body as { id: number }).id))).toEqual(
      new Set(['first-request']),
    );
  });

  it.each([
    ['of 128 characters is stored as it is', 'a'.repeat(128), true],
    ['of 129 characters is replaced', 'a'.repeat(129), false],
    ['with other characters is replaced', `x"y`, false],
  ])('%s', async (_, sent, isKept) => {
    const { body, headers } = await admin
      .post('/orders', { product_name: 'Laptop', amount: 1 })
      .set('X-Request-Id', sent)
      .expect(201);
    const { 'x-request-id': requestId } = headers as Record<string, string>;
    expect(requestId === sent).toBe(isKept);
    expect(requestId!.length).toBeLessThanOrEqual(128);
    expect(await requestIdsOf((body as { id: number }).id)).toEqual([requestId]);
  });

  it('is unknown when no request of this release placed the order, also in a run that a request starts', async () => {
    const id = await new PreviousRelease(app.dataSource).place(admin.userId);
    step.script = () => Promise.reject(new Error('out of stock'));
    await admin.post('/admin/processing/runs').set('X-Request-Id', 'run-now').expect(202);
    await waitUntil(() => linesOf(id).length === 3);

    expect(linesOf(id).map(({ msg }) => msg)).toEqual([
      'Order processing',
      'An attempt failed',
      'Order pending',
    ]);
    for (const line of linesOf(id)) expect(line).not.toHaveProperty('request_id');
    expect(await requestIdsOf(id)).toEqual([null, null, null]);
  });

  it('is kept when an instance of the previous release processes the order', async () => {
    const { id, requestId } = await place();
    const previous = new PreviousRelease(app.dataSource);
    expect(await previous.claim(1)).toEqual([id]);
    expect(await previous.complete(id)).toEqual([id]);
    expect(await requestIdsOf(id)).toEqual([requestId, requestId, requestId]);
  });

  it('is passed on to an order that a step places', async () => {
    const { id, requestId } = await place();
    const transitions = app.nest.get(OrderTransitions);
    const gift = { userId: admin.userId, productName: 'Gift', amountMinor: 1 };
    let placed: Order | undefined;
    await fulfil(async (order) => {
      if (order.id !== id) return;
      const transactions = app.nest.get(Transactions);
      placed = await transactions.run((tx) => transitions.place(tx, gift));
    });
    expect(await requestIdsOf(placed!.id)).toEqual([requestId, requestId, requestId]);
  });
});
