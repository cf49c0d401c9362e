import { DatabaseUnavailableError } from '../src/database/database-unavailable.error';
import { EventLog } from '../src/events/event-log';
import { ProgressWriter } from '../src/webhooks/delivery/progress-writer';
import { WebhookWorker } from '../src/webhooks/delivery/webhook-worker';
import type { DeliveryResponse } from '../src/webhooks/delivery.dto';
import { WebhookDeliveries } from '../src/webhooks/endpoints/webhook-deliveries';
import type { WebhookResponse } from '../src/webhooks/webhook.dto';
import { type SignedUp, expectProblem } from './support/api-client';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';
import { WebhookReceiver } from './support/webhook-receiver';

const DAY_MS = 86_400_000;

describe('Webhooks that change while they send', () => {
  const app = TestApp.forEachTest({ WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' });
  let receiver: WebhookReceiver;
  let user: SignedUp;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    user = await app.api.signUp();
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await receiver.stop();
  });

  const create = async () => {
    const { body } = await user.post('/webhooks', { url: receiver.url }).expect(201);
    return body.id as number;
  };

  const get = async (id: number) =>
    (await user.get(`/webhooks/${id}`).expect(200)).body as WebhookResponse;

  const deliveryOf = async (id: number, order: number, sequence = 1) => {
    const { body } = await user.get(`/webhooks/${id}/deliveries`).expect(200);
    const rows = body.data as DeliveryResponse[];
    return rows.find(({ event_id }) => event_id === `evt_${order}_${sequence}`);
  };

  const untilStatus = (id: number, order: number, status: string) =>
    app.periodicWork.until(async () => (await deliveryOf(id, order))?.status === status);

  const idle = () => app.nest.get(WebhookWorker).idle();

  const query = <Row>(sql: string) => app.dataSource.query<Row[]>(sql);

  const daysAgo = (days: number) => `'${new Date(Date.now() - days * DAY_MS).toISOString()}'`;

  /** An event whose request has failed, and that is being sent again. */
  const createRetrying = async (retriesLeft: number) => {
    const id = await create();
    receiver.respond(500);
    const { id: order } = await user.placeOrder();
    await untilStatus(id, order, 'retrying');
    await idle();
    receiver.hold();
    await query(
      `UPDATE webhook_deliveries SET next_attempt_at = ${daysAgo(1)}, retries_left = ${retriesLeft}`,
    );
    await app.periodicWork.until(() => receiver.held.length === 1);
    return { id, order };
  };

  it.each([0, 5])(
    'send an event again whose request has no response yet, with %i retries left',
    async (retriesLeft) => {
      const { id, order } = await createRetrying(retriesLeft);
      const [first] = receiver.held.splice(0);
      const path = `/webhooks/${id}/deliveries/evt_${order}_1/redeliver`;
      receiver.respond(200);
      expect((await user.post(path).expect(202)).body).toMatchObject({ status: 'retrying' });
      if (!first!.destroyed) first!.writeHead(500).end();
      await untilStatus(id, order, 'delivered');
      await idle();
      expect(receiver.sequencesOf(order)).toEqual([1, 1, 1]);
    },
  );

  it('return 404 for an event that is sent again when they are deleted meanwhile', async () => {
    const id = await create();
    const { id: order } = await user.placeOrder();
    await untilStatus(id, order, 'delivered');
    const log = app.nest.get(EventLog);
    const find = log.find.bind(log);
    jest.spyOn(log, 'find').mockImplementation(async (...key) => {
      await user.delete(`/webhooks/${id}`).expect(204);
      return find(...key);
    });
    const response = await user.post(`/webhooks/${id}/deliveries/evt_${order}_1/redeliver`);
    expectProblem(response, 404, 'webhook_not_found');
  });

  it('pause for the longest Retry-After of several responses', async () => {
    const id = await create();
    receiver.hold();
    await user.placeOrders(2);
    await app.periodicWork.until(() => receiver.held.length === 2);
    const [one, other] = receiver.held;
    one!.writeHead(429, { 'Retry-After': '3600' }).end();
    await app.periodicWork.until(async () => (await get(id)).consecutive_failures === 1);
    other!.writeHead(429, { 'Retry-After': '5' }).end();
    await idle();
    const [row] = await query<{ not_before: string }>('SELECT not_before FROM webhook_endpoints');
    expect(Date.parse(row!.not_before) - Date.now()).toBeGreaterThan(3_500_000);
  });

  it('are disabled by a response of 410 while their description is changed', async () => {
    const id = await create();
    receiver.hold();
    await user.placeOrder();
    await app.periodicWork.until(() => receiver.held.length === 1);
    await user.patch(`/webhooks/${id}`, { description: 'Warehouse' }).expect(200);
    receiver.held[0]!.writeHead(410).end();
    await app.periodicWork.until(async () => (await get(id)).status === 'disabled');
    expect(await get(id)).toMatchObject({ disabled_reason: 'gone', description: 'Warehouse' });
  });

  it('retry at once when they are enabled, also after a pause', async () => {
    const id = await create();
    receiver.respond(410);
    const { id: order } = await user.placeOrder();
    await app.periodicWork.until(async () => (await get(id)).status === 'disabled');
    await query(`UPDATE webhook_deliveries SET next_attempt_at = ${daysAgo(-1)}`);
    receiver.respond(200);
    await user.patch(`/webhooks/${id}`, { status: 'paused' }).expect(200);
    await user.patch(`/webhooks/${id}`, { status: 'enabled' }).expect(200);
    await untilStatus(id, order, 'delivered');
  });

  it('are not disabled by one failure, days after an event was given up', async () => {
    const id = await create();
    receiver.respond(500);
    const { id: order } = await user.placeOrder();
    await untilStatus(id, order, 'retrying');
    await idle();
    await query(`DELETE FROM webhook_deliveries`);
    await query(
      `UPDATE webhook_endpoints SET failing_since = ${daysAgo(6)}, turn_ended_at = ${daysAgo(3)}`,
    );
    const { id: later } = await user.placeOrder();
    await untilStatus(id, later, 'retrying');
    const { status, failing_since } = await get(id);
    expect(status).toBe('enabled');
    expect(Date.now() - Date.parse(failing_since!)).toBeLessThan(DAY_MS);
  });

  it('do not send again what was sent beyond their position before a long pause', async () => {
    const id = await create();
    const { id: order } = await user.placeOrder();
    await untilStatus(id, order, 'delivered');
    await idle();
    await user.patch(`/webhooks/${id}`, { status: 'paused' }).expect(200);
    await query(`UPDATE webhook_deliveries SET expires_at = ${daysAgo(1)}`);
    await query('UPDATE webhook_endpoints SET position = position - 1');
    const deliveries = app.nest.get(WebhookDeliveries);
    expect(await deliveries.deleteExpired()).toBe(0);
    await user.patch(`/webhooks/${id}`, { status: 'enabled' }).expect(200);
    const { id: later } = await user.placeOrder();
    await untilStatus(id, later, 'delivered');
    await idle();
    expect(receiver.ids).toEqual([`evt_${order}_1`, `evt_${later}_1`]);
    expect(await deliveries.deleteExpired()).toBe(1);
  });

  it('end within seconds at a shutdown while the database is unreachable', async () => {
    await create();
    receiver.hold();
    await user.placeOrder();
    await app.periodicWork.until(() => receiver.held.length === 1);
    jest
      .spyOn(app.nest.get(ProgressWriter), 'write')
      .mockRejectedValue(new DatabaseUnavailableError('The database is down'));
    const worker = app.nest.get(WebhookWorker);
    const startedAt = performance.now();
    worker.onModuleDestroy();
    await worker.beforeApplicationShutdown();
    expect(performance.now() - startedAt).toBeLessThan(12_000);
  }, 30_000);

  it('abort a test event when its client disconnects', async () => {
    const id = await create();
    receiver.hold();
    const client = new AbortController();
    const request = fetch(`${await app.nest.getUrl()}/webhooks/${id}/test`, {
      method: 'POST',
      headers: { authorization: `Bearer ${user.token}` },
      signal: client.signal,
    });
    await waitUntil(() => receiver.held.length === 1);
    client.abort();
    await expect(request).rejects.toThrow();
    await waitUntil(() => receiver.held[0]!.destroyed);
  });
});
