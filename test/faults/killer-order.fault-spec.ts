import { EVERY_SECOND, NEVER } from '../support/cron';
import {
  RESTART_SECONDS,
  checkHistories,
  pathsOf,
  waitUntilSettled,
} from '../support/history-checker';
import { ServerFleet } from '../support/server-fleet';
import { SupervisedServer } from '../support/supervised-server';

const ORDERS = 100;
/** The killer is the one in the middle. */
const KILLER = 50;

/** The default of PROCESSING_MAX_ATTEMPTS. */
const MAX_ATTEMPTS = 5;

interface Row {
  readonly id: number;
  readonly status: string;
  readonly attempts: number;
  readonly failure_reason: string | null;
}

describe('an order that kills its process at every attempt', () => {
  const servers: SupervisedServer[] = [];

  afterEach(() => Promise.all(servers.splice(0).map((server) => server.stop())));

  const fleet = ServerFleet.forEachTest({ PROCESSING_LEASE_SECONDS: '3' });

  it('fault 22: is the only one of 100 that fails, and the others have two attempts at most', async () => {
    // The first process begins when all orders are placed.
    let cron = NEVER;
    const server = await SupervisedServer.start(() => fleet.startFaulty({ PROCESSING_CRON: cron }));
    servers.push(server);
    cron = EVERY_SECOND;
    const admin = await fleet.signUpAdmin(server.current.api);
    const ids: number[] = [];
    for (let number = 1; number <= ORDERS; number++) {
      const product_name = number === KILLER ? 'kills its process' : 'Laptop';
      ids.push((await admin.placeOrder({ product_name, amount: 1 })).id);
    }
    await admin.post('/admin/processing/runs').expect(202);

    await fleet.inspect(async (database) => {
      await waitUntilSettled(database, 240_000, RESTART_SECONDS);
      const rows = await database.query<Row[]>(
        'SELECT id, status, attempts, failure_reason FROM orders ORDER BY id',
      );
      const [killer] = rows.splice(KILLER - 1, 1);
      expect(killer).toEqual({
        id: ids[KILLER - 1],
        status: 'failed',
        attempts: MAX_ATTEMPTS,
        failure_reason: 'The process that worked on the last attempt did not finish it',
      });
      expect((await pathsOf(database)).get(killer!.id)).toEqual([
        ...Array.from({ length: MAX_ATTEMPTS }, () => ['pending', 'processing']).flat(),
        'failed',
      ]);
      expect(rows.filter(({ status }) => status !== 'completed')).toEqual([]);
      expect(rows.filter(({ attempts }) => attempts > 2)).toEqual([]);
      expect(await checkHistories(database, ids)).toBe(ORDERS);
    });
    expect(server.ends).toBe(MAX_ATTEMPTS);
  });
});
