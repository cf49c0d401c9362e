import { writeDeliveries } from '../src/webhooks/delivery/delivery-rows';
import type { DeliveryChange, TurnChanges } from '../src/webhooks/delivery/turn-progress';
import { WebhookWorker } from '../src/webhooks/delivery/webhook-worker';
import type { DeliveryResponse } from '../src/webhooks/delivery.dto';
import type { SignedUp } from './support/api-client';
import { makeWebhooksDue } from './support/due';
import { TestApp } from './support/test-app';
import { waitUntil } from './support/wait-until';
import { WebhookReceiver } from './support/webhook-receiver';

describe('The attempts of deliveries', () => {
  const app = TestApp.forEachTest({ WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' });
  let receiver: WebhookReceiver;
  let user: SignedUp;
  let webhook: number;
  let order: number;

  beforeEach(async () => {
    receiver = await WebhookReceiver.start();
    user = await app.api.signUp();
    const { body } = await user.post('/webhooks', { url: receiver.url }).expect(201);
    webhook = body.id as number;
  });

  afterEach(() => receiver.stop());

  const query = (sql: string) => app.dataSource.query<unknown[]>(sql);

  const respond = (status: number, delayMs = 0) => {
    receiver.reply = (_, response) => {
      setTimeout(() => response.writeHead(status).end(), delayMs);
    };
  };

  const place = async () => {
    order = (await user.placeOrder()).id;
  };

  /** The delivery of the first event of the order. */
  const delivery = async () => {
    const { body } = await user.get(`/webhooks/${webhook}/deliveries`).expect(200);
    const data = body.data as DeliveryResponse[];
    return data.find(({ event_id }) => event_id === `evt_${order}_1`);
  };

  /** Does all periodic work until the delivery has a property. */
  const untilDelivery = async (expected: Partial<DeliveryResponse>) => {
    await app.periodicWork.until(async () => {
      const found = await delivery();
      return Object.entries(expected).every(
        ([name, value]) => found?.[name as keyof DeliveryResponse] === value,
      );
    });
    await app.nest.get(WebhookWorker).idle();
    return (await delivery())!;
  };

  /** Waits until the next attempt, with a status of the response, was stored. */
  const attempt = async (status: number, attempts: number, delayMs = 0) => {
    respond(status, delayMs);
    await makeWebhooksDue(app.dataSource);
    return untilDelivery({ attempts, response_status: status });
  };

  /** What is listed of a delivery's last attempt, as it is listed later. */
  const lastOf = ({
    attempted_at,
    response_status,
    failure,
    duration_ms,
  }: DeliveryResponse): unknown => ({ attempted_at, response_status, failure, duration_ms });

  const statusesOf = ({ earlier_attempts }: DeliveryResponse) =>
    earlier_attempts.map(({ response_status }) => response_status);

  const redeliver = () =>
    user.post(`/webhooks/${webhook}/deliveries/evt_${order}_1/redeliver`).expect(202);

  const replay = () => user.post(`/webhooks/${webhook}/replay`, { after: 0 }).expect(202);

  it('are an empty list before the last one when the first one succeeds', async () => {
    await place();
    const delivered = await attempt(204, 1);
    expect(delivered).toMatchObject({ status: 'delivered', earlier_attempts: [] });
    expect(await query('SELECT earlier_attempts FROM webhook_deliveries')).toEqual([
      { earlier_attempts: null },
    ]);
  });

  it('are listed in their order, with status, failure, duration and time', async () => {
    await place();
    const first = await attempt(500, 1, 30);
    const second = await attempt(503, 2, 60);
    const third = await attempt(204, 3);
    expect(third.status).toBe('delivered');
    expect(third.earlier_attempts).toEqual([lastOf(first), lastOf(second)]);
    expect(third.earlier_attempts).toMatchObject([
      { response_status: 500, failure: 'http_status' },
      { response_status: 503, failure: 'http_status' },
    ]);
    const [one, two] = third.earlier_attempts;
    expect(one!.duration_ms).toBeGreaterThanOrEqual(29);
    expect(two!.duration_ms).toBeGreaterThanOrEqual(59);
    expect(one!.attempted_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(one!.attempted_at < two!.attempted_at).toBe(true);
  });

  it('are kept when a delivered event is sent again', async () => {
    await place();
    const first = await attempt(204, 1);
    respond(500);
    expect((await redeliver()).body).toMatchObject({ status: 'retrying', earlier_attempts: [] });
    const second = await untilDelivery({ status: 'parked' });
    expect(second.earlier_attempts).toEqual([lastOf(first)]);
    respond(200);
    await redeliver();
    const third = await untilDelivery({ status: 'delivered' });
    expect(third.attempts).toBe(3);
    expect(third.earlier_attempts).toEqual([lastOf(first), lastOf(second)]);
  });

  it('are kept by a replay, which counts attempts from 1 again', async () => {
    await place();
    await attempt(500, 1);
    await attempt(204, 2);
    respond(202);
    await replay();
    const replayed = await untilDelivery({ response_status: 202 });
    expect(replayed.attempts).toBe(1);
    expect(statusesOf(replayed)).toEqual([500, 204]);
    respond(203);
    await replay(); // its attempt has the number of the one before
    const again = await untilDelivery({ response_status: 203 });
    expect(again.attempts).toBe(1);
    expect(statusesOf(again)).toEqual([500, 204, 202]);
  });

  it('are kept by a replay of an event that waits for a retry, and of those after it', async () => {
    await place();
    await user.patch(`/orders/${order}/cancel`).expect(200);
    await attempt(204, 1);
    await untilDelivery({ status: 'delivered' });
    const ofSecond = async () => {
      const { body } = await user.get(`/webhooks/${webhook}/deliveries`).expect(200);
      const data = body.data as DeliveryResponse[];
      return data.find(({ event_id }) => event_id === `evt_${order}_2`);
    };
    await waitUntil(async () => (await ofSecond())?.status === 'delivered');

    // Now the second event waits for the first one.
    respond(500);
    await replay();
    await untilDelivery({ status: 'retrying' });
    await waitUntil(async () => (await ofSecond())?.status === 'waiting');
    expect(await ofSecond()).toMatchObject({ attempts: 0, attempted_at: null });
    expect(statusesOf((await ofSecond())!)).toEqual([204]);

    await user.patch(`/webhooks/${webhook}`, { status: 'paused' }).expect(200);
    await replay();
    expect(await delivery()).toMatchObject({ status: 'parked', next_attempt_at: null });
    respond(200);
    await user.patch(`/webhooks/${webhook}`, { status: 'enabled' }).expect(200);
    const replayed = await untilDelivery({ status: 'delivered' });
    expect(replayed.attempts).toBe(1);
    expect(statusesOf(replayed)).toEqual([204, 500]);
    await waitUntil(async () => (await ofSecond())?.status === 'delivered');
    expect(statusesOf((await ofSecond())!)).toEqual([204]);
    expect(receiver.sequencesOf(order)).toEqual([1, 2, 1, 1, 2]);
  });

  it('include those of probes', async () => {
    await place();
    await attempt(500, 1);
    await query('UPDATE webhook_endpoints SET failures = 5');
    await attempt(503, 2);
    const third = await attempt(200, 3);
    expect(third.status).toBe('delivered');
    expect(statusesOf(third)).toEqual([500, 503]);
  });

  it('are the last 20 of more, and one that is written twice is one', async () => {
    await place();
    await attempt(500, 1);
    await user.patch(`/webhooks/${webhook}`, { status: 'paused' }).expect(200);
    const { position, event_type: eventType } = (await delivery())!;
    const write = (change: Partial<DeliveryChange>) => {
      const written: DeliveryChange = {
        position,
        orderId: order,
        sequence: 1,
        eventType,
        status: 'retrying',
        attempts: 1,
        retriesLeft: 8,
        responseStatus: 500,
        failure: 'http_status',
        durationMs: 5,
        delaySeconds: 60,
        isRetry: true,
        ...change,
      };
      const turn = { endpointId: webhook, replay: 0, deliveries: new Map([[position, written]]) };
      return writeDeliveries(app.dataSource.manager, [turn as unknown as TurnChanges]);
    };
    for (let attempts = 2; attempts <= 25; attempts++) {
      const change = { attempts, durationMs: attempts };
      await write(change);
      if (attempts % 2 === 0) await write(change); // when the result of the commit was unknown
    }
    const found = (await delivery())!;
    expect(found).toMatchObject({ attempts: 25, duration_ms: 25 });
    const durations = found.earlier_attempts.map(({ duration_ms }) => duration_ms);
    expect(durations).toEqual(Array.from({ length: 20 }, (_, index) => index + 5));

    // The order was deleted before the next retry: the last request is an earlier one then.
    const deleted = { responseStatus: null, durationMs: null, failure: 'event_deleted' } as const;
    await write({ ...deleted, attempts: 25, status: 'parked', delaySeconds: null });
    await write({ ...deleted, attempts: 25, status: 'parked', delaySeconds: null });
    const parked = (await delivery())!;
    expect(parked).toMatchObject({ status: 'parked', failure: 'event_deleted' });
    expect(parked.earlier_attempts.map(({ duration_ms }) => duration_ms)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 6),
    );
  });
});
