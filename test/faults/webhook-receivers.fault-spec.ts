import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { WebhookWithSecretResponse } from '../../src/webhooks/webhook.dto';
import { makeWebhooksDue } from '../support/due';
import { FAULTS, note } from '../support/fault-settings';
import { HttpLoad } from '../support/http-load';
import { SeededRandom } from '../support/seeded-random';
import { ServerFleet } from '../support/server-fleet';
import { BuildProcess } from '../support/server-process';
import { isPostgres } from '../support/test-database';
import { waitUntil } from '../support/wait-until';
import { areOrdersSettled, eventIdsOf, expireEndpointLeases } from '../support/webhook-faults';

const RECEIVER = join(__dirname, '..', 'support', 'webhook-receiver-process.js');
const ROUNDS = Math.ceil(FAULTS.rounds / 3);

describe('receivers of webhooks', () => {
  const fleet = ServerFleet.forEachTest({
    WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
    FULFILMENT_DELAY_MS: '5',
    PROCESSING_LEASE_SECONDS: '2',
    PROCESSING_MAX_ATTEMPTS: '100',
  });
  let receiver: BuildProcess | undefined;

  afterEach(() => receiver?.kill('SIGKILL'));

  const startReceiver = async (port: number, secret: string, file: string) => {
    receiver = new BuildProcess(RECEIVER, fleet.folder, {}, [String(port), secret, file]);
    await receiver.hasPrinted('The receiver listens');
    return receiver;
  };

  const makeDue = () => fleet.inspect((database) => makeWebhooksDue(database));

  it(`fault 31: that verify with the package of the standard get each event, in sequence, when both sides are killed ${ROUNDS} times (FAULT_SEED=${FAULTS.seed})`, async () => {
    const random = new SeededRandom(FAULTS.seed);
    const servers = await Promise.all(
      Array.from({ length: isPostgres() ? 2 : 1 }, () => fleet.start()),
    );
    const admin = await fleet.signUpAdmin(servers[0]!.api);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const created = await admin.post('/admin/webhooks', { url }).expect(201);
    const { secret } = created.body as WebhookWithSecretResponse;
    const file = join(fleet.folder, 'received');
    await writeFile(file, '');
    await startReceiver(port, secret, file);
    const received = async () => (await readFile(file, 'utf8')).split('\n').slice(0, -1);

    for (let round = 0; round < ROUNDS; round++) {
      const { length: receivedBefore } = await received();
      const load = new HttpLoad({
        clients: 4,
        giveUp: true,
        next: (client) => ({
          url: servers[client % servers.length]!.api.url,
          token: admin.token!,
          method: 'POST',
          path: '/orders',
          body: { product_name: 'Laptop', amount: 1 },
        }),
      });
      await waitUntil(async () => {
        await makeDue();
        await delay(100);
        return (await received()).length > receivedBefore;
      });
      await delay(random.integer(0, 400));
      receiver!.kill('SIGKILL');
      await delay(random.integer(0, 200));
      const victim = random.integer(0, servers.length - 1);
      await servers[victim]!.stop('SIGKILL');
      await load.stop();
      await expireEndpointLeases(fleet);
      await startReceiver(port, secret, file);
      servers[victim] = await fleet.start();
    }

    let missing: string[] = [];
    await waitUntil(
      async () => {
        await makeDue();
        const ids = new Set(await received());
        missing = (await eventIdsOf(fleet)).filter((id) => !ids.has(id));
        await delay(200);
        return missing.length === 0 && (await areOrdersSettled(fleet));
      },
      { deadlineMs: 60_000, description: () => `events that were not received: ${missing.length}` },
    );
    const lines = await received();
    const firsts = [...new Set(lines)];
    note(`${ROUNDS} kills of both sides: ${firsts.length} events, of ${lines.length} requests`);
    expect(firsts.toSorted()).toEqual((await eventIdsOf(fleet)).toSorted());
    const seen = new Set<string>();
    for (const id of firsts) {
      if (!id.endsWith('_1')) expect(seen).toContain(idBefore(id));
      seen.add(id);
    }
  });
});

/** The id of the event of the same order before this one. */
function idBefore(id: string): string {
  const [, order, sequence] = id.split('_');
  return `evt_${order}_${Number(sequence) - 1}`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
