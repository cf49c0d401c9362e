import { setTimeout as delay } from 'node:timers/promises';
import { FAULTS, note } from '../support/fault-settings';
import { checkHistories } from '../support/history-checker';
import { EventStreamClient } from '../support/event-stream-client';
import { insertPendingOrders } from '../support/insert-orders';
import { LogConsumer, checkLog } from '../support/log-consumer';
import { untilNumbered } from '../support/log-state';
import { SeededRandom } from '../support/seeded-random';
import { ServerFleet } from '../support/server-fleet';
import { isPostgres } from '../support/test-database';
import { waitUntil } from '../support/wait-until';

const CLIENTS = 50;
const KILLS = 6;
/** How many orders are acknowledged between two kills, at least. */
const ORDERS_PER_KILL = 20;

describe('the log of events', () => {
  const fleet = ServerFleet.forEachTest({
    FULFILMENT_DELAY_MS: '20',
    PROCESSING_CONCURRENCY: '10', // those that were begun at a kill are done again one after another
    PROCESSING_LEASE_SECONDS: '2',
    PROCESSING_MAX_ATTEMPTS: '100',
  });

  const count = (condition: string) =>
    fleet.inspect(async (database) => {
      const sql = `SELECT COUNT(*) AS n FROM order_history WHERE ${condition}`;
      const [row] = await database.query<{ n: number }[]>(sql);
      return row!.n;
    });

  /** Reads all events when every entry has its position. */
  const readAll = async (url: string, token: string) => {
    await fleet.inspect(untilNumbered);
    const consumer = new LogConsumer({ url: () => url, token });
    await consumer.stop();
    return consumer.events;
  };

  it('fault 33: has each transition of a server that was killed before it numbered them', async () => {
    let server = await fleet.start({ PROCESSING_ENABLED: 'false' });
    const admin = await fleet.signUpAdmin(server.api);
    let unnumbered = 0;
    for (let round = 0; round < 20 && unnumbered === 0; round++) {
      const client = server.api.withToken(admin.token!);
      await Promise.all(Array.from({ length: 10 }, () => client.placeOrder()));
      await server.stop('SIGKILL');
      unnumbered = await count('position IS NULL');
      server = await fleet.start({ PROCESSING_ENABLED: 'false' });
    }
    expect(unnumbered).toBeGreaterThan(0);
    const events = await readAll(server.api.url, admin.token!);
    checkLog(events);
    expect(events).toHaveLength(await count('1 = 1'));
  });

  it(`fault 33: is gapless for a consumer that polls while instances are killed (FAULT_SEED=${FAULTS.seed})`, async () => {
    const random = new SeededRandom(FAULTS.seed);
    const instances = isPostgres() ? 3 : 1;
    const servers = await Promise.all(Array.from({ length: instances }, () => fleet.start()));
    const admin = await fleet.signUpAdmin(servers[0]!.api);
    const token = admin.token!;
    const url = () => fleet.running[random.integer(0, fleet.running.length - 1)]?.api.url;
    const consumer = new LogConsumer({ url, token });
    const acknowledged: number[] = [];
    const stopping = new AbortController();
    /** Places and cancels orders; what it is not answered may have happened or not. */
    const client = async () => {
      while (!stopping.signal.aborted) {
        const base = url();
        const send = (method: string, path: string, body?: object) =>
          fetch(new URL(path, base), {
            method,
            headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
            ...(body && { body: JSON.stringify(body) }),
            signal: AbortSignal.timeout(10_000),
          });
        try {
          const response = await send('POST', '/orders', { product_name: 'Laptop', amount: 1 });
          if (response.status !== 201) throw new Error(String(response.status));
          const { id } = (await response.json()) as { id: number };
          acknowledged.push(id);
          if (id % 3 === 0) await send('PATCH', `/orders/${id}/cancel`);
        } catch {
          await delay(50);
        }
      }
    };
    const clients = Array.from({ length: CLIENTS }, client);
    for (let kill = 0; kill < KILLS; kill++) {
      const enough = acknowledged.length + ORDERS_PER_KILL;
      await waitUntil(() => acknowledged.length >= enough);
      await delay(random.integer(0, 900));
      const victim = fleet.running[random.integer(0, fleet.running.length - 1)]!;
      await victim.stop('SIGKILL');
      await fleet.start();
    }
    stopping.abort();
    await Promise.all(clients);
    await fleet.inspect(async (database) => {
      await waitUntil(
        async () => {
          const sql = `SELECT 1 FROM orders WHERE status IN ('pending', 'processing') LIMIT 1`;
          const open = await database.query<unknown[]>(sql);
          return open.length === 0;
        },
        { deadlineMs: 200_000 },
      );
      await checkHistories(database, acknowledged);
    });
    await fleet.inspect(untilNumbered);
    await consumer.stop();
    checkLog(consumer.events);
    expect(consumer.events).toHaveLength(await count('1 = 1'));
    note(
      `${KILLS} kills: ${acknowledged.length} orders acknowledged, ${consumer.events.length} events received`,
    );
    for (const server of fleet.running) await server.stop();
    expect(await fleet.run('cli/main.js', ['verify'])).toMatchObject({ code: 0 });
  });

  it('fault 33: sends everything to a client that stopped reading for some time', async () => {
    const server = await fleet.start({ PROCESSING_ENABLED: 'false' });
    const admin = await fleet.signUpAdmin(server.api);
    const path = '/admin/events/stream';
    const [slow, fast] = [
      await EventStreamClient.open(admin, { path }),
      await EventStreamClient.open(admin, { path }),
    ];
    slow.pause();
    const events = 20_000;
    await fleet.inspect((database) => insertPendingOrders(database, admin.userId, events));
    await fast.received(events, 60_000);
    slow.resume();
    await slow.received(events, 30_000);
    const all = Array.from({ length: events }, (_, index) => index + 1);
    expect(slow.positions).toEqual(all);
    expect(fast.positions).toEqual(all);
    slow.close();
    fast.close();
  });
});
