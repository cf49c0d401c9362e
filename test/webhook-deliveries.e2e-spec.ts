import type { ServerResponse } from 'node:http';
import { EndpointClaims } from '../src/webhooks/delivery/endpoint-claims';
import { WebhookWorker } from '../src/webhooks/delivery/webhook-worker';
import type { DeliveryResponse } from '../src/webhooks/delivery.dto';
import type { WebhookResponse, WebhookWithSecretResponse } from '../src/webhooks/webhook.dto';
import type { SignedUp } from './support/api-client';
import { makeWebhooksDue } from './support/due';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';
import { WebhookReceiver, isSignedWith } from './support/webhook-receiver';

const LONG_AGO = `'2020-01-01T00:00:00.000Z'`;

describe('Deliveries of webhooks', () => {
  const app = TestApp.forEachTest({ WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' });
  let receiver: WebhookReceiver;
  let user: SignedUp;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    user = await app.api.signUp();
  });

  afterEach(() => receiver.stop());

  const create = async (fields: object = {}, client = user, path = '/webhooks') => {
    const response = await client.post(path, { url: receiver.url, ...fields }).expect(201);
    return response.body as WebhookWithSecretResponse;
  };

  const get = async (id: number) =>
    (await user.get(`/webhooks/${id}`).expect(200)).body as WebhookResponse;

  const deliveries = async (id: number) =>
    (await user.get(`/webhooks/${id}/deliveries`).expect(200)).body.data as DeliveryResponse[];

  const untilStored = async (id: number, count: number, status = 'delivered') =>
    app.periodicWork.until(async () => {
      const rows = await deliveries(id);
      return rows.filter((row) => row.status === status).length === count;
    });

  /** How long the endpoints still pause. */
  const pauses = async () => {
    const rows = await app.dataSource.query<{ not_before: string }[]>(
      'SELECT not_before FROM webhook_endpoints',
    );
    return rows.map((row) => ({ pause_ms: Date.parse(row.not_before) - Date.now() }));
  };

  it('sends each event of the orders of its owner, signed', async () => {
    const { id, secret } = await create();
    const stranger = await app.api.signUp();
    await stranger.placeOrder();
    const order = await user.placeOrder({ product_name: 'Lamp', amount: 12.5, reference: 'A-1' });
    await app.processor.runOnce();
    await app.periodicWork.until(() => receiver.received.length === 3);

    expect(receiver.ids).toEqual([1, 2, 3].map((sequence) => `evt_${order.id}_${sequence}`));
    expect(receiver.received.every((webhook) => isSignedWith(secret, webhook))).toBe(true);
    const [first] = receiver.received;
    expect(first!.event).toEqual({
      id: `evt_${order.id}_1`,
      type: 'order.created',
      timestamp: order.created_at,
      position: expect.any(Number),
      data: {
        order_id: order.id,
        user_id: user.userId,
        sequence: 1,
        from: null,
        to: 'pending',
        actor: { type: 'user', id: user.userId },
        reason: null,
        product_name: 'Lamp',
        amount: 12.5,
        reference: 'A-1',
      },
    });
    expect(first!.headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
    });
    await untilStored(id, 3);
    expect(await deliveries(id)).toMatchObject(
      [3, 2, 1].map((sequence) => ({
        event_id: `evt_${order.id}_${sequence}`,
        status: 'delivered',
        attempts: 1,
        response_status: 204,
        failure: null,
        next_attempt_at: null,
      })),
    );
    expect(await get(id)).toMatchObject({ consecutive_failures: 0, failing_since: null });
    expect((await get(id)).last_success_at).not.toBeNull();
  });

  it('sends the events of all users to the webhooks of admins', async () => {
    const admin = await app.signUpAdmin();
    await create({}, admin, '/admin/webhooks');
    const other = await app.api.signUp();
    const ids = [(await user.placeOrder()).id, (await other.placeOrder()).id];
    await app.periodicWork.until(() => receiver.received.length === 2);
    expect(receiver.ids.toSorted()).toEqual(ids.map((id) => `evt_${id}_1`).toSorted());
  });

  it('sends the wanted types only', async () => {
    const { id } = await create({ event_types: ['order.completed'] });
    await user.placeOrder();
    await app.processor.runOnce();
    await app.periodicWork.until(() => receiver.received.length > 0);
    await untilStored(id, 1);
    expect(receiver.received.map(({ event }) => event.type)).toEqual(['order.completed']);
    expect((await get(id)).position).toBe(receiver.received[0]!.event.position);
  });

  it('sends nothing of what was before it was created', async () => {
    await user.placeOrder();
    await app.periodicWork.step();
    await create();
    const { id } = await user.placeOrder();
    await app.periodicWork.until(() => receiver.received.length > 0);
    expect(receiver.ids).toEqual([`evt_${id}_1`]);
  });

  it('sends four events at a time, and those of one order one after another', async () => {
    const { id } = await create();
    await user.patch(`/webhooks/${id}`, { status: 'paused' }).expect(200);
    const orders = await user.placeOrders(12);
    await app.processor.runOnce();
    const running = new Set<number>();
    let isOverlapping = false;
    receiver.reply = ({ event }, response) => {
      const { order_id } = event.data;
      isOverlapping ||= running.has(order_id);
      running.add(order_id);
      setTimeout(() => {
        running.delete(order_id);
        response.writeHead(200).end();
      }, 5);
    };
    await user.patch(`/webhooks/${id}`, { status: 'enabled' }).expect(200);
    await app.periodicWork.until(() => receiver.received.length === 36);
    expect(isOverlapping).toBe(false);
    expect(receiver.maxOpen).toBe(4);
    for (const order of orders) expect(receiver.sequencesOf(order)).toEqual([1, 2, 3]);
  });

  describe('after a failure', () => {
    it('retries with the same id and body, signed again, while other orders go on', async () => {
      const { id, secret } = await create();
      const [failing, other] = await user.placeOrders(2);
      receiver.reply = ({ event }, response) =>
        void response.writeHead(event.data.order_id === failing ? 500 : 200).end();
      await untilStored(id, 1, 'retrying');
      const row = (await deliveries(id)).find(({ event_id }) => event_id === `evt_${failing}_1`)!;
      expect(row).toMatchObject({ attempts: 1, response_status: 500, failure: 'http_status' });
      const delayMs = Date.parse(row.next_attempt_at!) - Date.parse(row.attempted_at!);
      expect(delayMs).toBeGreaterThanOrEqual(4_000);
      expect(delayMs).toBeLessThanOrEqual(6_000);

      // Its later events wait, for however long the machine takes.
      await app.dataSource.query(
        `UPDATE webhook_deliveries SET next_attempt_at = '2099-01-01T00:00:00.000Z'
         WHERE next_attempt_at IS NOT NULL`,
      );
      await untilStored(id, 1);
      await app.processor.runOnce();
      await untilStored(id, 3);
      await untilStored(id, 2, 'waiting');
      expect(receiver.sequencesOf(failing!)).toEqual([1]);
      expect(receiver.sequencesOf(other!)).toEqual([1, 2, 3]);

      receiver.respond(200);
      await makeWebhooksDue(app.dataSource);
      await untilStored(id, 6);
      expect(receiver.sequencesOf(failing!)).toEqual([1, 1, 2, 3]);
      const [first, second] = receiver.received.filter(
        ({ event }) => event.id === `evt_${failing}_1`,
      );
      expect(second!.body).toBe(first!.body);
      expect(isSignedWith(secret, second!)).toBe(true);
      const retried = (await deliveries(id)).find(({ event_id }) => event_id === first!.id);
      expect(retried).toMatchObject({ status: 'delivered', attempts: 2, failure: null });
    });

    it('parks an event whose retries are spent, and goes on with the order', async () => {
      const { id } = await create();
      const { id: order } = await user.placeOrder();
      await user.patch(`/orders/${order}/cancel`).expect(200);
      receiver.reply = ({ event }, response) =>
        void response.writeHead(event.data.sequence === 1 ? 500 : 200).end();
      await untilStored(id, 1, 'retrying');
      await app.dataSource.query('UPDATE webhook_deliveries SET retries_left = 1');
      await makeWebhooksDue(app.dataSource);
      await app.periodicWork.until(() => receiver.received.length === 2);
      await app.periodicWork.until(async () =>
        (await deliveries(id)).some(({ attempts }) => attempts === 2),
      );
      await makeWebhooksDue(app.dataSource);
      await untilStored(id, 1, 'parked');
      await untilStored(id, 1);
      expect(receiver.sequencesOf(order)).toEqual([1, 1, 1, 2]);
      expect(await deliveries(id)).toMatchObject([
        { status: 'delivered', attempts: 1 },
        { status: 'parked', attempts: 3, response_status: 500, next_attempt_at: null },
      ]);
    });

    it('sends one request at a time after five failures in a row, and all after a success', async () => {
      receiver.respond(500);
      const { id } = await create();
      await user.placeOrders(10);
      await app.periodicWork.until(async () => (await get(id)).consecutive_failures === 5);
      await app.nest.get(WebhookWorker).idle();
      const before = receiver.received.length;
      expect(before).toBeLessThanOrEqual(8);
      expect((await get(id)).status).toBe('enabled');
      for (let probe = 1; probe <= 2; probe++) {
        await makeWebhooksDue(app.dataSource);
        await app.periodicWork.until(
          async () => (await get(id)).consecutive_failures === 5 + probe,
        );
        await app.nest.get(WebhookWorker).idle();
        expect(receiver.received).toHaveLength(before + probe);
      }
      const [pause] = await pauses();
      expect(pause!.pause_ms).toBeGreaterThan(20 * 60_000); // half an hour after the second probe

      receiver.respond(200);
      await makeWebhooksDue(app.dataSource);
      await untilStored(id, 10);
      expect(await get(id)).toMatchObject({ consecutive_failures: 0, failing_since: null });
    });

    it('waits as long as Retry-After asks', async () => {
      const { id } = await create();
      receiver.respond(429, { 'Retry-After': '600' });
      await user.placeOrder();
      await untilStored(id, 1, 'retrying');
      const [row] = await deliveries(id);
      const delayMs = Date.parse(row!.next_attempt_at!) - Date.parse(row!.attempted_at!);
      expect(delayMs).toBe(600_000);
      await user.placeOrder();
      for (let n = 0; n < 3; n++) await app.periodicWork.step();
      expect(receiver.received).toHaveLength(1);
    });

    it('disables a webhook that responds with 410, and goes on with the event when it is enabled', async () => {
      const { id } = await create();
      receiver.respond(410);
      const { id: order } = await user.placeOrder();
      await app.periodicWork.until(async () => (await get(id)).status === 'disabled');
      expect(await get(id)).toMatchObject({ disabled_reason: 'gone' });
      expect(app.logLines).toContainEqual(
        expect.objectContaining({
          msg: 'A webhook was disabled',
          webhook_id: id,
          reason: 'gone',
        }),
      );
      await user.placeOrder();
      for (let n = 0; n < 3; n++) await app.periodicWork.step();
      expect(receiver.received).toHaveLength(1);

      receiver.respond(200);
      await user.patch(`/webhooks/${id}`, { status: 'enabled' }).expect(200);
      await untilStored(id, 2);
      expect(receiver.sequencesOf(order)).toEqual([1, 1]);
      expect(await get(id)).toMatchObject({ status: 'enabled', disabled_reason: null });
    });

    it('disables a webhook after five days without success, not before', async () => {
      const { id } = await create();
      receiver.respond(500);
      await user.placeOrder();
      await untilStored(id, 1, 'retrying');
      const day = 86_400_000;
      const failSince = (instant: number) =>
        app.dataSource.query(
          `UPDATE webhook_endpoints SET failing_since = '${new Date(instant).toISOString()}'`,
        );
      await failSince(Date.now() - 5 * day + 60_000);
      await makeWebhooksDue(app.dataSource);
      await app.periodicWork.until(async () => (await get(id)).consecutive_failures === 2);
      expect((await get(id)).status).toBe('enabled');
      await failSince(Date.now() - 5 * day);
      await makeWebhooksDue(app.dataSource);
      await app.periodicWork.until(async () => (await get(id)).status === 'disabled');
      expect(await get(id)).toMatchObject({ disabled_reason: 'failing' });
    });

    it('follows no redirect', async () => {
      const { id } = await create();
      receiver.respond(302, { location: 'http://169.254.169.254/latest/meta-data/' });
      await user.placeOrder();
      await untilStored(id, 1, 'retrying');
      expect(await deliveries(id)).toMatchObject([{ failure: 'redirect', response_status: 302 }]);
    });
  });

  describe('a change during a delivery', () => {
    /** Responses that wait. */
    let held: ServerResponse[];

    beforeEach(() => {
      held = [];
      receiver.reply = (_, response) => void held.push(response);
    });

    const release = () => held.splice(0).forEach((response) => response.writeHead(200).end());

    it('lets the requests in work end when it is paused, begins none, and goes on later', async () => {
      const { id } = await create();
      const orders = await user.placeOrders(8);
      await app.periodicWork.until(() => held.length === 4);
      await user.patch(`/webhooks/${id}`, { status: 'paused' }).expect(200);
      receiver.respond(200);
      release();
      await app.nest.get(WebhookWorker).idle();
      for (let n = 0; n < 3; n++) await app.periodicWork.step();
      expect(receiver.received).toHaveLength(4);
      expect(await get(id)).toMatchObject({ status: 'paused' });

      await user.patch(`/webhooks/${id}`, { status: 'enabled' }).expect(200);
      await untilStored(id, 8);
      expect(receiver.ids.toSorted()).toEqual(orders.map((order) => `evt_${order}_1`).toSorted());
    });

    it('ends with the webhook when it is deleted', async () => {
      const { id } = await create();
      await user.placeOrders(8);
      await app.periodicWork.until(() => held.length === 4);
      const [...open] = held;
      await user.delete(`/webhooks/${id}`).expect(204);
      await waitUntil(() => open.every((response) => response.destroyed));
      receiver.respond(200);
      await app.nest.get(WebhookWorker).idle();
      for (let n = 0; n < 3; n++) await app.periodicWork.step();
      expect(receiver.received).toHaveLength(4);
      expect(await app.dataSource.query('SELECT * FROM webhook_deliveries')).toEqual([]);
    });

    it('ends with the user when the account is deleted', async () => {
      await create();
      await user.placeOrders(2);
      await app.periodicWork.until(() => held.length === 2);
      for (const table of ['order_history', 'orders', 'sessions']) {
        await app.dataSource.query(`DELETE FROM ${table}`);
      }
      await app.dataSource.query(`DELETE FROM users WHERE id = ${user.userId}`);
      release();
      await app.nest.get(WebhookWorker).idle();
      await app.periodicWork.step();
      expect(await app.dataSource.query('SELECT * FROM webhook_endpoints')).toEqual([]);
      await app.api.get('/health/ready').expect(200);
    });

    it('sends the rest to the new URL, also what was in work', async () => {
      const { id } = await create();
      const [order] = await user.placeOrders(1);
      await app.periodicWork.until(() => held.length === 1);
      const other = await WebhookReceiver.start();
      try {
        await user.patch(`/webhooks/${id}`, { url: other.url }).expect(200);
        release();
        await app.periodicWork.until(() => other.received.length === 1);
        expect(other.ids).toEqual([`evt_${order}_1`]);
      } finally {
        await other.stop();
      }
    });
  });

  describe('POST /webhooks/:id/replay', () => {
    it('sends all events after the position again, in their sequence', async () => {
      const { id } = await create();
      const orders = await user.placeOrders(3);
      await app.processor.runOnce();
      await untilStored(id, 9);
      const { position } = receiver.received[0]!.event;
      receiver.clear();
      await user.post(`/webhooks/${id}/replay`, { after: position - 1 }).expect(202);
      await app.periodicWork.until(() => receiver.received.length === 9);
      for (const order of orders) expect(receiver.sequencesOf(order)).toEqual([1, 2, 3]);
    });

    it('sends events that wait for a retry once, in their sequence', async () => {
      const { id } = await create();
      receiver.respond(500);
      const { id: order } = await user.placeOrder();
      await app.processor.runOnce();
      await untilStored(id, 1, 'retrying');
      receiver.clear();
      receiver.respond(200);
      await user.post(`/webhooks/${id}/replay`, { after: 0 }).expect(202);
      await untilStored(id, 3);
      expect(receiver.sequencesOf(order)).toEqual([1, 2, 3]);
    });
  });

  describe('POST /webhooks/:id/deliveries/:event_id/redeliver', () => {
    it('sends a delivered event again, once', async () => {
      const { id } = await create();
      const { id: order } = await user.placeOrder();
      await untilStored(id, 1);
      receiver.respond(500);
      const path = `/webhooks/${id}/deliveries/evt_${order}_1/redeliver`;
      const { body } = await user.post(path).expect(202);
      expect(body).toMatchObject({ event_id: `evt_${order}_1`, status: 'retrying' });
      await untilStored(id, 1, 'parked');
      expect(receiver.sequencesOf(order)).toEqual([1, 1]);
      expect(await deliveries(id)).toMatchObject([{ attempts: 2, response_status: 500 }]);

      receiver.respond(200);
      await user.post(path).expect(202);
      await untilStored(id, 1);
      expect(receiver.sequencesOf(order)).toEqual([1, 1, 1]);
    });

    it('sends an event from before the webhook was created', async () => {
      const { id: order } = await user.placeOrder();
      await app.periodicWork.step();
      const { id } = await create();
      await user.post(`/webhooks/${id}/deliveries/evt_${order}_1/redeliver`).expect(202);
      await untilStored(id, 1);
      expect(receiver.sequencesOf(order)).toEqual([1]);
    });
  });

  it('signs with both secrets for a day after a rotation', async () => {
    const { id, secret } = await create();
    const { body } = await user.post(`/webhooks/${id}/secret`).expect(200);
    expect(body.secret).not.toBe(secret);
    await user.placeOrder();
    await app.periodicWork.until(() => receiver.received.length === 1);
    expect(isSignedWith(secret, receiver.received[0]!)).toBe(true);
    expect(isSignedWith(body.secret, receiver.received[0]!)).toBe(true);

    await app.dataSource.query(
      `UPDATE webhook_endpoints SET previous_secret_expires_at = ${LONG_AGO}`,
    );
    await user.placeOrder();
    await app.periodicWork.until(() => receiver.received.length === 2);
    expect(isSignedWith(secret, receiver.received[1]!)).toBe(false);
    expect(isSignedWith(body.secret, receiver.received[1]!)).toBe(true);
  });

  it('disables the webhook of an admin who is no longer one', async () => {
    const admin = await app.signUpAdmin();
    const { id } = await create({}, admin, '/admin/webhooks');
    await app.dataSource.query(`UPDATE users SET role = 'customer' WHERE id = ${admin.userId}`);
    await user.placeOrder();
    await app.periodicWork.step();
    await app.periodicWork.step();
    const other = await app.signUpAdmin();
    const { body } = await other.get(`/admin/webhooks/${id}`).expect(200);
    expect(body).toMatchObject({ status: 'disabled', disabled_reason: 'owner_not_admin' });
    expect(receiver.received).toEqual([]);
  });

  it('does not send a retry to the webhook of an admin who is no longer one, nor new events with it', async () => {
    const admin = await app.signUpAdmin();
    await create({}, admin, '/admin/webhooks');
    receiver.respond(500);
    await user.placeOrder();
    await app.periodicWork.until(() => receiver.received.length === 1);
    await app.nest.get(WebhookWorker).idle();
    await makeWebhooksDue(app.dataSource);
    const findDue = () => app.nest.get(EndpointClaims).findDue(50, new Map());
    expect(await findDue()).toHaveLength(1);
    await app.dataSource.query(`UPDATE users SET role = 'customer' WHERE id = ${admin.userId}`);
    expect(await findDue()).toEqual([]);
  });

  it('do nothing when the log grows while no webhook is enabled', async () => {
    await app.periodicWork.step();
    const statements: string[] = [];
    const spy = jest
      .spyOn(app.dataSource.logger, 'logQuery')
      .mockImplementation((sql) => void statements.push(sql));
    await user.placeOrder();
    await app.periodicWork.step();
    spy.mockRestore();
    const about = statements.filter((sql) => sql.includes('webhook_'));
    expect(about).toHaveLength(1); // the periodic look for enabled ones
  });
});
