import { EventEmitter2 } from '@nestjs/event-emitter';
import { failed } from '../src/jobs/fulfilment-step';
import { ORDER_EVENT, type OrderEvent } from '../src/orders/order-events';
import type { ApiClient } from './support/api-client';
import { failCommitsOf } from './support/fail-commits';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';

const ORDER = { product_name: 'Laptop', amount: 1 };

describe('order events', () => {
  const app = TestApp.forEachTest();
  let user: ApiClient & { userId: number };
  let events: OrderEvent[];

  beforeEach(async () => {
    user = await app.api.signUp();
    events = [];
    for (const name of Object.values(ORDER_EVENT)) {
      emitter().on(name, (event: OrderEvent) => void events.push(event));
    }
  });

  const emitter = () => app.nest.get(EventEmitter2);
  const logged = () => app.logLines.filter(({ msg }) => String(msg).startsWith('Order '));
  const names = () => events.map(({ name, orderId }) => `${name} ${orderId}`);

  it('are published when an order is placed, claimed and completed', async () => {
    const completed = await user.placeOrder({ product_name: 'Laptop', amount: 999.99 });
    await app.processor.runOnce();
    expect(names()).toEqual([
      `order.created ${completed.id}`,
      `order.processing ${completed.id}`,
      `order.completed ${completed.id}`,
    ]);
    expect(events[0]).toEqual({
      name: 'order.created',
      orderId: completed.id,
      userId: user.userId,
      productName: 'Laptop',
      amountMinor: 99_999,
      occurredAt: new Date(completed.created_at),
    });
  });

  it('are published when an order is cancelled or fails', async () => {
    const cancelled = await user.placeOrder();
    await user.patch(`/orders/${cancelled.id}/cancel`).expect(200);
    const unfulfillable = await user.placeOrder();
    app.fulfilment.script = () => Promise.resolve(failed('No such product'));
    await app.processor.runOnce();
    expect(names()).toEqual(
      expect.arrayContaining([
        `order.cancelled ${cancelled.id}`,
        `order.failed ${unfulfillable.id}`,
      ]),
    );
  });

  it('are published after the commit', async () => {
    let seen: string | undefined;
    emitter().on(ORDER_EVENT.created, ({ orderId }: OrderEvent) => {
      void user.order(orderId).then(({ status }) => (seen = status));
    });
    await user.placeOrder();
    await waitUntil(() => seen !== undefined);
    expect(seen).toBe('pending');
  });

  it('are neither published nor logged when the commit fails', async () => {
    const { id } = await user.placeOrder();
    await failCommitsOf(app.dataSource, 'order_history');
    const before = [events.length, logged().length];
    expect((await user.post('/orders', ORDER)).status).not.toBe(201);
    expect((await user.patch(`/orders/${id}/cancel`)).status).not.toBe(200);
    await expect(app.processor.runOnce()).rejects.toThrow(/FOREIGN KEY|foreign key/);
    expect([events.length, logged().length]).toEqual(before);
    expect((await user.order(id)).status).toBe('pending');
  });

  it('are published and logged once when a placement is repeated with its idempotency key', async () => {
    const place = () => user.post('/orders', ORDER).set('Idempotency-Key', 'key').expect(201);
    const { id } = (await place()).body as { id: number };
    expect((await place()).headers['idempotent-replayed']).toBe('true');
    await Promise.all([place(), place(), place()]);
    expect(names()).toEqual([`order.created ${id}`]);
    expect(logged()).toEqual([expect.objectContaining({ msg: 'Order pending', order_id: id })]);
  });

  it('are not published for a rejected transition', async () => {
    const { id } = await user.placeOrder();
    await user.patch(`/orders/${id}/cancel`).expect(200);
    await user.patch(`/orders/${id}/cancel`).expect(409);
    expect(names().filter((name) => name.startsWith('order.cancelled'))).toHaveLength(1);
  });

  it('reach the other listeners when a listener throws or rejects', async () => {
    emitter().prependListener(ORDER_EVENT.created, () => {
      throw new Error('thrown by a listener');
    });
    // oxlint-disable-next-line typescript/no-misused-promises -- what a careless listener may do
    emitter().prependListener(ORDER_EVENT.created, () =>
      Promise.reject(new Error('rejected by a listener')),
    );
    const { id } = await user.placeOrder();
    await waitUntil(() => names().includes(`order.created ${id}`));
    await waitUntil(
      () => app.logLines.filter(({ msg }) => msg === 'A listener failed').length === 2,
    );
    expect(JSON.stringify(app.logLines)).toContain('thrown by a listener');
    expect(JSON.stringify(app.logLines)).toContain('rejected by a listener');
  });
});
