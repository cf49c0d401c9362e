import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FAULTS, note } from '../support/fault-settings';
import { waitUntilSettled } from '../support/history-checker';
import { HttpLoad } from '../support/http-load';
import { SeededRandom } from '../support/seeded-random';
import { ServerFleet } from '../support/server-fleet';
import { isPostgres } from '../support/test-database';
import { waitUntil } from '../support/wait-until';

const SCRIPT = join(__dirname, 'hook-server.js');

/** A start takes most of a round. */
const ROUNDS = Math.ceil(FAULTS.rounds / 2);

describe('hooks of transitions', () => {
  const fleet = ServerFleet.forEachTest({
    PROCESSING_LEASE_SECONDS: '2',
    PROCESSING_MAX_ATTEMPTS: '100', // each kill uses one up
    FULFILMENT_DELAY_MS: '20',
    PROCESSING_CONCURRENCY: '5', // so that orders wait, and can be cancelled
  });

  const start = () => fleet.start({}, { script: SCRIPT });

  it(`fault 34: have written for each transition, and for no other, when their process is killed ${ROUNDS} times (FAULT_SEED=${FAULTS.seed})`, async () => {
    const random = new SeededRandom(FAULTS.seed);
    const servers = await Promise.all(Array.from({ length: isPostgres() ? 2 : 1 }, start));
    const { token } = await fleet.signUpAdmin(servers[0]!.api);
    let sent = 0;
    let loads: HttpLoad[] = [];
    const newest = () => loads.flatMap(({ acknowledged }) => acknowledged).at(-1);
    for (let round = 0; round < ROUNDS; round++) {
      loads = servers.map(
        ({ api: { url } }) =>
          new HttpLoad({
            clients: 3,
            giveUp: true,
            // Every second request cancels the newest order.
            next: () => {
              const id = ++sent % 2 === 0 ? newest() : undefined;
              if (id !== undefined) {
                return { url, token, method: 'PATCH', path: `/orders/${id}/cancel` };
              }
              const body = { product_name: `Order ${sent}`, amount: 1 };
              return { url, token, method: 'POST', path: '/orders', body };
            },
          }),
      );
      for (const { api } of servers) {
        await api.withToken(token!).post('/admin/processing/runs').expect(202);
      }
      await waitUntil(() => newest() !== undefined);
      await delay(random.integer(50, 600));
      const victim = random.integer(0, servers.length - 1);
      await servers[victim]!.stop('SIGKILL');
      await Promise.all(loads.map((load) => load.stop()));
      servers[victim] = await start();
    }
    await fleet.inspect(async (database) => {
      await waitUntilSettled(database, 200_000);
      const rows = (table: string, order: string) =>
        database.query<{ order_id: number; sequence: number; transition?: string }[]>(
          `SELECT ${order} FROM ${table} ORDER BY order_id, sequence`,
        );
      const history = await rows('order_history', 'order_id, sequence');
      expect(await rows('recorded', 'order_id, sequence')).toEqual(history);
      const recorded = await rows('recorded', 'order_id, sequence, transition');
      const count = (name: string) => recorded.filter((row) => row.transition === name).length;
      note(
        `${ROUNDS} kills: ${history.length} transitions, of these ${count('cancel')} cancellations ` +
          `and ${count('release')} releases`,
      );
      // Proves that the kills came while there was work to lose.
      expect(count('release')).toBeGreaterThan(0);
      expect(count('cancel')).toBeGreaterThan(0);
    });
  });

  it.each(['forgets a statement that fails', 'sends a statement late'])(
    'fault 34: do not end the process when one %s',
    async (product_name) => {
      const server = await start();
      const user = await server.api.signUp();
      const isForgotten = product_name === 'forgets a statement that fails';
      await user.post('/orders', { product_name, amount: 1 }).expect(isForgotten ? 500 : 201);
      await waitUntil(() =>
        server.process.output.some((line) => line.includes('"msg":"A statement was not awaited"')),
      );
      expect(server.process.hasExited).toBe(false);
      await user.placeOrder();
    },
  );
});
