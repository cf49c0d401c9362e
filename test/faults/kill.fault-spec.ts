import { setTimeout as delay } from 'node:timers/promises';
import type { ApiClient } from '../support/api-client';
import { FAULTS, note } from '../support/fault-settings';
import { checkHistories, pathsOf, waitUntilSettled } from '../support/history-checker';
import { HttpLoad } from '../support/http-load';
import { SeededRandom } from '../support/seeded-random';
import { ServerFleet } from '../support/server-fleet';
import { isPostgres } from '../support/test-database';
import { waitUntil } from '../support/wait-until';

/** The kills are divided between two databases at the same time, to halve the duration. */
const DATABASES = 2;

describe('a server that is killed', () => {
  const fleets: ServerFleet[] = [];

  const createFleet = async (environment: Record<string, string>) => {
    const fleet = await ServerFleet.create(environment);
    fleets.push(fleet);
    return fleet;
  };

  afterEach(() => Promise.all(fleets.splice(0).map((fleet) => fleet.dispose())));

  it(`fault 1: loses no order and no transition when it is killed ${FAULTS.rounds} times during a batch (FAULT_SEED=${FAULTS.seed})`, async () => {
    const results = await Promise.all(
      Array.from({ length: DATABASES }, async (_, index) => {
        const fleet = await createFleet({
          PROCESSING_LEASE_SECONDS: '2',
          PROCESSING_MAX_ATTEMPTS: '100', // each kill uses one up
          FULFILMENT_DELAY_MS: '50',
        });
        const rounds = Math.floor((FAULTS.rounds + index) / DATABASES);
        return killRepeatedly(fleet, rounds, new SeededRandom(FAULTS.seed + index));
      }),
    );
    const total = (key: keyof (typeof results)[number]) =>
      results.reduce((sum, result) => sum + result[key], 0);
    note(
      `${FAULTS.rounds} kills: ${total('acknowledged')} orders acknowledged, ${total('orders')} ` +
        `exist, ${total('reclaimed')} were reclaimed, ${total('withoutResponse')} requests without a response`,
    );
    // Proves that the kills came while there was work to lose.
    expect(total('acknowledged')).toBeGreaterThan(FAULTS.rounds);
    expect(total('reclaimed')).toBeGreaterThan(FAULTS.rounds);
    // No order exists without a request.
    expect(total('orders')).toBeLessThanOrEqual(total('acknowledged') + total('withoutResponse'));
    expect(total('doubled')).toBe(0);
    expect(total('unverified')).toBe(0);
  }, 600_000);

  it('fault 2: has its order reclaimed after the lease when it dies between claim and completion', async () => {
    const fleet = await createFleet({ PROCESSING_LEASE_SECONDS: '5' });
    const first = await fleet.startFaulty();
    const user = await first.api.signUp();
    const { id } = await user.placeOrder({
      product_name: 'kills its process at the first attempt',
      amount: 1,
    });
    expect(await first.process.exit).toEqual({ code: null, signal: 'SIGKILL' });

    const second = await fleet.startFaulty({ PROCESSING_LEASE_SECONDS: '10' });
    const again = second.api.withToken(user.token!);
    await waitUntil(async () => (await again.order(id)).status === 'completed');
    expect(await again.order(id)).toMatchObject({ attempts: 2, failure_reason: null });
    await fleet.inspect(async (database) => {
      expect((await pathsOf(database)).get(id)).toEqual([
        'pending',
        'processing',
        'pending',
        'processing',
        'completed',
      ]);
      await checkHistories(database, [id]);
    });
  });
});

/** Each round kills one server: the only one on SQLite, one of two on PostgreSQL. */
async function killRepeatedly(fleet: ServerFleet, rounds: number, random: SeededRandom) {
  const servers = await Promise.all(
    Array.from({ length: isPostgres() ? 2 : 1 }, () => fleet.start()),
  );
  const { token } = await fleet.signUpAdmin(servers[0]!.api);
  const acknowledged: number[] = [];
  let withoutResponse = 0;
  let sent = 0;
  const startLoad = ({ url }: ApiClient) =>
    new HttpLoad({
      clients: 3,
      giveUp: true,
      next: () => ({
        url,
        token,
        method: 'POST',
        path: '/orders',
        body: { product_name: `Order ${++sent}`, amount: 1 },
      }),
    });

  for (let round = 1; round <= rounds; round++) {
    const loads = servers.map(({ api }) => startLoad(api));
    for (const { api } of servers) {
      await api.withToken(token!).post('/admin/processing/runs').expect(202);
    }
    await waitUntil(() => loads.every(({ acknowledged }) => acknowledged.length > 0));
    await delay(random.integer(50, 600));
    const victim = random.integer(0, servers.length - 1);
    await servers[victim]!.stop('SIGKILL');
    await Promise.all(loads.map((load) => load.stop()));
    acknowledged.push(...loads.flatMap((load) => load.acknowledged));
    withoutResponse += loads.flatMap((load) => load.failures).length;
    servers[victim] = await fleet.start();
  }

  const outcome = await fleet.inspect(async (database) => {
    await waitUntilSettled(database, 240_000);
    const orders = await checkHistories(database, acknowledged);
    const count = async (sql: string) => (await database.query<unknown[]>(sql)).length;
    return {
      acknowledged: acknowledged.length,
      withoutResponse,
      orders,
      reclaimed: await count('SELECT id FROM orders WHERE attempts > 1'),
      doubled: await count(
        'SELECT product_name FROM orders GROUP BY product_name HAVING count(*) > 1',
      ),
    };
  });
  const { code } = await fleet.run('cli/main.js', ['verify', '--stuck-after', '0']);
  return { ...outcome, unverified: code === 0 ? 0 : 1 };
}
