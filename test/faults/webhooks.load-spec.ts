import type { WebhookWithSecretResponse } from '../../src/webhooks/webhook.dto';
import type { SignedUp } from '../support/api-client';
import { note } from '../support/fault-settings';
import { ServerFleet } from '../support/server-fleet';
import { waitUntil } from '../support/wait-until';
import { WebhookReceiver } from '../support/webhook-receiver';

const HEALTHY = 50;
const EVENTS = 10_000;

describe('webhooks under load', () => {
  const fleet = ServerFleet.forEachTest({
    WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
    PROCESSING_ENABLED: 'false',
  });
  const receivers: WebhookReceiver[] = [];

  const startReceiver = async () => {
    const receiver = await WebhookReceiver.start();
    receivers.push(receiver);
    return receiver;
  };

  afterEach(() => Promise.all(receivers.splice(0).map((receiver) => receiver.stop())));

  const create = async (client: SignedUp, url: string) => {
    const response = await client.post('/webhooks', { url }).expect(201);
    return response.body as WebhookWithSecretResponse;
  };

  it(`fault 32: an endless and a hanging endpoint beside ${HEALTHY} healthy ones do not delay them`, async () => {
    const server = await fleet.start();
    const receiver = await startReceiver();
    const users: SignedUp[] = [];
    for (let n = 0; n < HEALTHY; n++) {
      const user = await server.api.signUp();
      await create(user, receiver.url);
      users.push(user);
    }
    /** One order of each user; from the response to the receipt. */
    const measure = async () => {
      const delays: number[] = [];
      for (let round = 0; round < 4; round++) {
        receiver.clear();
        for (const user of users) {
          const { id } = await user.placeOrder();
          const placedAt = performance.now();
          const isReceived = () => receiver.ids.includes(`evt_${id}_1`);
          await waitUntil(isReceived, { deadlineMs: 30_000 });
          const webhook = receiver.received.find((one) => one.id === `evt_${id}_1`)!;
          delays.push(webhook.receivedAt - placedAt);
        }
      }
      return delays.toSorted((a, b) => a - b);
    };
    const quantile = (values: number[], share: number) =>
      values[Math.floor((values.length - 1) * share)]!;
    const alone = await measure();

    const [hanging, endless] = [await startReceiver(), await startReceiver()];
    hanging.reply = () => undefined;
    endless.reply = (_, response) => {
      const chunk = Buffer.alloc(65_536);
      const write = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', write);
      write();
    };
    for (const { url } of [hanging, endless]) {
      const user = await server.api.signUp();
      await create(user, url);
      for (let n = 0; n < 20; n++) await user.placeOrder();
    }
    await waitUntil(() => hanging.received.length > 0 && endless.received.length > 0);
    const beside = await measure();
    const [before, after] = [alone, beside].map((delays) => quantile(delays, 0.95));
    note(
      `From the response to the receipt: p50 ${quantile(alone, 0.5).toFixed(0)} ms, ` +
        `p95 ${before!.toFixed(0)} ms; beside faulty ones p95 ${after!.toFixed(0)} ms`,
    );
    expect(after!).toBeLessThan(before! * 2 + 50); // as measured with few samples
  });

  it(`fault 32: a backlog of ${EVENTS} events is sent, and starves nobody`, async () => {
    const server = await fleet.start();
    const [receiver, other] = [await startReceiver(), await startReceiver()];
    const admin = await fleet.signUpAdmin(server.api);
    const { body } = await admin.post('/admin/webhooks', { url: receiver.url }).expect(201);
    await admin.patch(`/admin/webhooks/${body.id}`, { status: 'paused' }).expect(200);
    const place = async (user: SignedUp) => {
      for (let n = 0; n < EVENTS / 40; n++) await user.placeOrder();
    };
    const users = await Promise.all(Array.from({ length: 4 }, () => server.api.signUp()));
    await Promise.all(Array.from({ length: 40 }, (_, n) => place(users[n % 4]!)));
    const startedAt = performance.now();
    await admin.patch(`/admin/webhooks/${body.id}`, { status: 'enabled' }).expect(200);
    await waitUntil(() => receiver.received.length > 100);

    // Meanwhile, another endpoint gets its event.
    const user = await server.api.signUp();
    await create(user, other.url);
    const { id } = await user.placeOrder();
    const placedAt = performance.now();
    await waitUntil(() => other.ids.includes(`evt_${id}_1`), { deadlineMs: 30_000 });
    const waitedMs = other.received[0]!.receivedAt - placedAt;

    await waitUntil(() => receiver.received.length > EVENTS, { deadlineMs: 120_000 });
    const seconds = (performance.now() - startedAt) / 1_000;
    const rate = Math.round(receiver.received.length / seconds);
    note(`${receiver.received.length} events in ${seconds.toFixed(1)} s: ${rate} per second`);
    note(`Another endpoint waited ${waitedMs.toFixed(0)} ms for its event meanwhile`);
    expect(new Set(receiver.ids).size).toBe(EVENTS + 1);
    expect(rate).toBeGreaterThan(100);
    expect(waitedMs).toBeLessThan(5_000);
  });
});
