import { setTimeout as delay } from 'node:timers/promises';
import { FAULTS, note } from '../support/fault-settings';
import { isLogRead } from '../support/log-state';
import { SeededRandom } from '../support/seeded-random';
import { ServerFleet } from '../support/server-fleet';
import { isPostgres } from '../support/test-database';
import { waitUntil } from '../support/wait-until';

const KILLS = 6;
/** How many orders are placed between two kills, at least. */
const ORDERS_PER_KILL = 20;

const CLIENTS = 10;

describe('the statistics', () => {
  const fleet = ServerFleet.forEachTest({
    FULFILMENT_DELAY_MS: '5',
    PROCESSING_CONCURRENCY: '10', // those that were begun at a kill are done again one after another
    PROCESSING_LEASE_SECONDS: '2',
    PROCESSING_MAX_ATTEMPTS: '100',
  });

  it(`equal the orders after instances were killed while they counted (FAULT_SEED=${FAULTS.seed})`, async () => {
    const random = new SeededRandom(FAULTS.seed);
    const instances = isPostgres() ? 3 : 1;
    const servers = await Promise.all(Array.from({ length: instances }, () => fleet.start()));
    const { token } = await fleet.signUpAdmin(servers[0]!.api);
    const url = () => fleet.running[random.integer(0, fleet.running.length - 1)]?.api.url;
    const stopping = new AbortController();
    let placed = 0;
    const client = async () => {
      while (!stopping.signal.aborted) {
        try {
          const response = await fetch(new URL('/orders', url()), {
            method: 'POST',
            headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
            body: JSON.stringify({ product_name: 'Laptop', amount: 1 }),
            signal: AbortSignal.timeout(10_000),
          });
          await response.arrayBuffer();
          if (response.status === 201) placed++;
          else await delay(50);
        } catch {
          await delay(50);
        }
      }
    };
    const clients = Array.from({ length: CLIENTS }, client);
    for (let kill = 0; kill < KILLS; kill++) {
      const enough = placed + ORDERS_PER_KILL;
      await waitUntil(() => placed >= enough);
      await delay(random.integer(0, 900));
      const victim = fleet.running[random.integer(0, fleet.running.length - 1)]!;
      await victim.stop('SIGKILL');
      await fleet.start();
    }
    stopping.abort();
    await Promise.all(clients);
    await fleet.inspect(async (database) => {
      const count = async (sql: string) => (await database.query<{ n: number }[]>(sql))[0]!.n;
      await waitUntil(
        async () =>
          (await count(
            `SELECT COUNT(*) AS n FROM orders WHERE status IN ('pending', 'processing')`,
          )) === 0 && (await isLogRead(database)),
        { deadlineMs: 200_000 },
      );
      const orders = await count('SELECT COUNT(*) AS n FROM orders');
      const found = await database.query<{ status: string; orders: number }[]>(
        'SELECT status, orders FROM order_counts WHERE orders <> 0',
      );
      expect(found).toEqual([{ status: 'completed', orders }]);
      const minutes = 'SELECT CAST(SUM(completed) AS bigint) AS n FROM order_minutes';
      expect(await count(minutes)).toBe(orders);
      note(`${KILLS} kills: ${orders} orders counted`);
    });
    for (const server of fleet.running) await server.stop();
    expect(await fleet.run('cli/main.js', ['verify'])).toMatchObject({ code: 0 });
  });
});
