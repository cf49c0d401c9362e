import { setTimeout as delay } from 'node:timers/promises';
import { FAULTS, note } from '../support/fault-settings';
import { checkHistories, pathsOf, waitUntilSettled } from '../support/history-checker';
import { HttpLoad } from '../support/http-load';
import { SeededRandom } from '../support/seeded-random';
import { ServerFleet } from '../support/server-fleet';
import type { ServerProcess } from '../support/server-process';
import { isPostgres } from '../support/test-database';
import { waitUntil } from '../support/wait-until';

describe('a server that is killed', () => {
  let fleet: ServerFleet;

  afterEach(() => fleet.dispose());

  it(`fault 1: loses no order and no transition, killed ${FAULTS.rounds} times in the middle of a batch (FAULT_SEED=${FAULTS.seed})`, async () => {
    const random = new SeededRandom(FAULTS.seed);
    fleet = await ServerFleet.create({
      PROCESSING_LEASE_SECONDS: '2',
      PROCESSING_MAX_ATTEMPTS: '100', // every kill costs one
      FULFILMENT_DELAY_MS: '50',
    });
    const servers = await Promise.all(
      Array.from({ length: isPostgres() ? 2 : 1 }, () => fleet.start()),
    );
    const admin = await fleet.signUpAdmin(servers[0]!.api);
    const acknowledged: number[] = [];
    let sent = 0;
    let unanswered = 0;
    const startLoad = ({ api: { url } }: ServerProcess) =>
      new HttpLoad({
        clients: 3,
        giveUp: true,
        next: () => ({
          url,
          token: admin.token,
          method: 'POST',
          path: '/orders',
          body: { product_name: `Order ${++sent}`, amount: 1 },
        }),
      });

    for (let round = 1; round <= FAULTS.rounds; round++) {
      const loads = servers.map(startLoad);
      await Promise.all(
        servers.map(({ api }) =>
          api.withToken(admin.token!).post('/admin/processing/runs').expect(202),
        ),
      );
      await delay(random.integer(50, 600));
      const victim = random.integer(0, servers.length - 1);
      await servers[victim]!.stop('SIGKILL');
      await Promise.all(loads.map((load) => load.stop()));
      acknowledged.push(...loads.flatMap((load) => load.acknowledged));
      unanswered += loads.flatMap((load) => load.failures).length;
      servers[victim] = await fleet.start();
    }

    await fleet.inspect(async (database) => {
      await waitUntilSettled(database, 60_000);
      const orders = await checkHistories(database, acknowledged);
      const reclaimed = await database.query<{ count: number }[]>(
        'SELECT count(*) AS count FROM orders WHERE attempts > 1',
      );
      note(
        `${FAULTS.rounds} kills: ${acknowledged.length} orders acknowledged, ${orders} exist, ` +
          `${reclaimed[0]!.count} were reclaimed, ${unanswered} requests got no answer`,
      );
      expect(acknowledged.length).toBeGreaterThan(FAULTS.rounds);
      expect(reclaimed[0]!.count).toBeGreaterThan(FAULTS.rounds);
      // Nothing is there that nobody asked for: each request made one order at most.
      expect(orders).toBeLessThanOrEqual(acknowledged.length + unanswered);
      const twice = await database.query<unknown[]>(
        'SELECT product_name FROM orders GROUP BY product_name HAVING count(*) > 1',
      );
      expect(twice).toEqual([]);
    });
  }, 240_000);

  it('fault 2: is replaced after the lease when it dies between claim and completion', async () => {
    fleet = await ServerFleet.create({ PROCESSING_LEASE_SECONDS: '1' });
    const first = await fleet.startFaulty();
    const user = await first.api.signUp();
    const { id } = await user.placeOrder({
      product_name: 'kills its process at the first attempt',
      amount: 1,
    });
    expect(await first.process.exit).toEqual({ code: null, signal: 'SIGKILL' });

    const second = await fleet.startFaulty();
    const again = second.api.withToken(user.token!);
    await waitUntil(async () => (await again.order(id)).status === 'completed');
    expect(await again.order(id)).toMatchObject({ attempts: 2, failure_reason: null });
    await fleet.inspect(async (database) => {
      expect((await pathsOf(database)).get(id)).toEqual(['pending', 'processing', 'completed']);
      await checkHistories(database, [id]);
    });
  });
});
