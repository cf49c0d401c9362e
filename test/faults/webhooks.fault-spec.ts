import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { WebhookWithSecretResponse } from '../../src/webhooks/webhook.dto';
import { type ApiClient, PASSWORD, type SignedUp } from '../support/api-client';
import { FAULTS, note } from '../support/fault-settings';
import { HttpLoad } from '../support/http-load';
import { SeededRandom } from '../support/seeded-random';
import { ServerFleet } from '../support/server-fleet';
import type { ServerProcess } from '../support/server-process';
import { isPostgres } from '../support/test-database';
import { waitUntil } from '../support/wait-until';
import { areOrdersSettled, eventIdsOf, expireEndpointLeases } from '../support/webhook-faults';
import { WebhookReceiver, isSignedWith } from '../support/webhook-receiver';

const ROUNDS = Math.ceil(FAULTS.rounds / 3);

describe('webhooks', () => {
  const fleet = ServerFleet.forEachTest({
    WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
    FULFILMENT_DELAY_MS: '5',
    PROCESSING_LEASE_SECONDS: '2',
    PROCESSING_MAX_ATTEMPTS: '100',
  });
  let receiver: WebhookReceiver;

  beforeEach(async () => (receiver = await WebhookReceiver.start()));
  afterEach(() => receiver.stop());

  const create = async (client: ApiClient, path = '/webhooks') => {
    const response = await client.post(path, { url: receiver.url }).expect(201);
    return response.body as WebhookWithSecretResponse;
  };

  /** Of each order, the events whose first delivery came after one of a later event. */
  const firstDeliveriesOutOfSequence = () => {
    const latest = new Map<number, number>();
    const seen = new Set<string>();
    return receiver.received.filter(({ id, event: { data } }) => {
      if (seen.has(id)) return false;
      seen.add(id);
      const before = latest.get(data.order_id) ?? 0;
      latest.set(data.order_id, Math.max(before, data.sequence));
      return data.sequence !== before + 1;
    });
  };

  it('fault 31: are sent again, with the same id, when the process dies between request and record', async () => {
    const first = await fleet.start();
    const user = await first.api.signUp();
    const { secret } = await create(user);
    // Dies before the response, so it cannot know that the event has arrived.
    receiver.reply = () => first.process.kill('SIGKILL');
    const { id } = await user.placeOrder();
    await first.process.exit;
    expect(receiver.ids[0]).toBe(`evt_${id}_1`);
    receiver.reply = (_, response) => void response.writeHead(204).end();
    const before = receiver.received.length;
    await expireEndpointLeases(fleet);
    await fleet.start();
    await waitUntil(() => receiver.ids.slice(before).includes(`evt_${id}_1`), {
      deadlineMs: 30_000,
    });
    const again = receiver.received.filter((webhook) => webhook.id === `evt_${id}_1`);
    expect(again[1]!.body).toBe(again[0]!.body);
    expect(again.every((webhook) => isSignedWith(secret, webhook))).toBe(true);
    expect(firstDeliveriesOutOfSequence()).toEqual([]);
  });

  it(`fault 31: lose no event, and keep the sequence of each order, when servers are killed ${ROUNDS} times (FAULT_SEED=${FAULTS.seed})`, async () => {
    const random = new SeededRandom(FAULTS.seed);
    const servers = await Promise.all(
      Array.from({ length: isPostgres() ? 2 : 1 }, () => fleet.start()),
    );
    const admin = await fleet.signUpAdmin(servers[0]!.api);
    await create(admin, '/admin/webhooks');
    receiver.reply = (_, response) =>
      void setTimeout(() => response.writeHead(204).end(), random.integer(0, 10));
    for (let round = 0; round < ROUNDS; round++) {
      const loads = servers.map(({ api }) => startLoad(api, admin.token!));
      await delay(random.integer(100, 700));
      const victim = random.integer(0, servers.length - 1);
      await servers[victim]!.stop('SIGKILL');
      await Promise.all(loads.map((load) => load.stop()));
      await expireEndpointLeases(fleet);
      servers[victim] = await fleet.start();
    }
    let missing: string[] = [];
    await waitUntil(
      async () => {
        const received = new Set(receiver.ids);
        missing = (await eventIdsOf(fleet)).filter((id) => !received.has(id));
        return missing.length === 0 && (await areOrdersSettled(fleet));
      },
      { deadlineMs: 60_000, description: () => `events that were not received: ${missing.length}` },
    );
    const ids = new Set(receiver.ids);
    note(
      `${ROUNDS} kills: ${ids.size} events, of which ${receiver.ids.length - ids.size} were sent again`,
    );
    expect(firstDeliveriesOutOfSequence()).toEqual([]);
    expect(ids.size).toBe((await eventIdsOf(fleet)).length);
  });

  // Before, Node.js reads no such variables. The unit test has `https:` too.
  (readsProxyVariables() ? describe : describe.skip)('beside a proxy', () => {
    it('are sent without the proxy that the environment names', async () => {
      const proxied: string[] = [];
      const proxy = createServer((request, response) => {
        proxied.push(request.url ?? '');
        response.writeHead(502).end();
      });
      proxy.listen(0, '127.0.0.1');
      await once(proxy, 'listening');
      const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
      try {
        const server = await fleet.start({
          NODE_USE_ENV_PROXY: '1',
          HTTP_PROXY: url,
          http_proxy: url,
          HTTPS_PROXY: url,
        });
        const user = await server.api.signUp();
        await create(user);
        const { id } = await user.placeOrder();
        await waitUntil(() => receiver.ids.includes(`evt_${id}_1`), { deadlineMs: 30_000 });
        expect(proxied).toEqual([]);
      } finally {
        await new Promise((resolve) => proxy.close(resolve));
      }
    });
  });

  // SQLite has one server per file.
  (isPostgres() ? describe : describe.skip)('with two instances', () => {
    it('fault 31: are sent by one at a time', async () => {
      const [one] = await Promise.all([fleet.start(), fleet.start()]);
      const user = await one.api.signUp();
      await create(user);
      receiver.reply = (_, response) => void setTimeout(() => response.end(), 5);
      const orders = await Promise.all(Array.from({ length: 60 }, () => user.placeOrder()));
      await waitUntil(() => receiver.received.length >= orders.length * 3, { deadlineMs: 60_000 });
      expect(new Set(receiver.ids).size).toBe(receiver.ids.length);
      expect(receiver.maxOpen).toBeLessThanOrEqual(4);
      expect(firstDeliveriesOutOfSequence()).toEqual([]);
    });
  });

  it('fault 31: keep their secrets when JWT_SECRET is changed, until it is not known any more', async () => {
    const secrets = ['the first secret', 'the second secret', 'the third secret'] as const;
    const start = async (JWT_SECRET: string, JWT_PREVIOUS_SECRETS = '') => {
      const server = await fleet.start({ JWT_SECRET, JWT_PREVIOUS_SECRETS });
      return server;
    };
    let server = await start(secrets[0]);
    const user = await server.api.signUp();
    const { id, secret } = await create(user);
    const asUser = async ({ api }: ServerProcess) =>
      api.withToken((await api.logIn(user.email, PASSWORD)).access_token);

    const expectDelivery = async (client: ApiClient, expected: string) => {
      receiver.clear();
      await client.placeOrder();
      await waitUntil(() => receiver.received.length > 0, { deadlineMs: 30_000 });
      expect(isSignedWith(expected, receiver.received[0]!)).toBe(true);
    };
    await expectDelivery(user, secret);
    await server.stop();
    server = await start(secrets[1], secrets[0]);
    await expectDelivery(await asUser(server), secret);
    await server.stop();
    server = await start(secrets[1]); // encrypted again at the start before
    await expectDelivery(await asUser(server), secret);
    await server.stop();

    server = await start(secrets[2]);
    const client = await asUser(server);
    const { body } = await client.get(`/webhooks/${id}`).expect(200);
    expect(body).toMatchObject({ status: 'disabled', disabled_reason: 'secret_unreadable' });
    await client.patch(`/webhooks/${id}`, { status: 'enabled' }).expect(409);
    await client.post(`/webhooks/${id}/test`).expect(409);
    const rotated = await client.post(`/webhooks/${id}/secret`).expect(200);
    await client.patch(`/webhooks/${id}`, { status: 'enabled' }).expect(200);
    await expectDelivery(client, rotated.body.secret);
  });

  it('fault 17: end with SIGTERM within seconds, with what was sent recorded', async () => {
    const server = await fleet.start();
    const user = await server.api.signUp();
    const { id } = await create(user);
    receiver.reply = ({ event }, response) => {
      if (event.data.sequence === 1) setTimeout(() => response.end(), 300); // the others hang
    };
    await place(user, 6);
    await waitUntil(() => receiver.open > 0);
    const signalled = performance.now();
    server.process.kill('SIGTERM');
    expect(await server.process.exit).toEqual({ code: 0, signal: null });
    const tookMs = Math.round(performance.now() - signalled);
    note(`SIGTERM during deliveries: stopped after ${tookMs} ms`);
    expect(tookMs).toBeLessThan(20_000);
    await fleet.inspect(async (database) => {
      const [endpoint] = await database.query<{ lease_expires_at: string | null }[]>(
        `SELECT lease_expires_at FROM webhook_endpoints WHERE id = ${id}`,
      );
      expect(endpoint!.lease_expires_at).toBeNull();
    });
    receiver.reply = (_, response) => void response.end();
    await fleet.start();
    await waitUntil(
      async () => (await eventIdsOf(fleet)).every((event) => receiver.ids.includes(event)),
      {
        deadlineMs: 30_000,
      },
    );
  });
});

/** Since Node.js 22.21 and 24. */
function readsProxyVariables(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major >= 24 || (major === 22 && minor >= 21);
}

const place = (user: SignedUp, count: number) =>
  Promise.all(Array.from({ length: count }, () => user.placeOrder()));

function startLoad({ url }: ApiClient, token: string): HttpLoad {
  return new HttpLoad({
    clients: 2,
    giveUp: true,
    next: () => ({
      url,
      token,
      method: 'POST',
      path: '/orders',
      body: { product_name: 'Laptop', amount: 1 },
    }),
  });
}
