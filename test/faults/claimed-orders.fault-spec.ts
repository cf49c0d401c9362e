import { NEVER } from '../support/cron';
import { checkHistories, pathsOf, waitUntilSettled } from '../support/history-checker';
import { ServerFleet } from '../support/server-fleet';

const ORDERS = 10;

describe('a process that ends between a claim and the beginning of its attempts', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_LEASE_SECONDS: '1' });

  const leases = 'SELECT token FROM order_leases';
  const tallied =
    'SELECT status, attempts, count(*) AS count FROM orders GROUP BY status, attempts';

  /** Ends a server by a signal as soon as it has claimed its first orders. */
  const endAfterClaim = async (signal: 'SIGTERM' | 'SIGKILL') => {
    const server = await fleet.startFaulty({ PROCESSING_CRON: NEVER, FAULT_AFTER_CLAIM: signal });
    const admin = await fleet.signUpAdmin(server.api);
    const ids = await admin.placeOrders(ORDERS);
    await admin.post('/admin/processing/runs').expect(202);
    const exit = await server.process.exit;
    expect(fleet.output.filter((line) => line.includes('Fulfilment begins'))).toEqual([]);
    return { ids, exit };
  };

  it('fault 18: returns the orders at once when it shuts down, without counting an attempt', async () => {
    const { ids, exit } = await endAfterClaim('SIGTERM');
    expect(exit).toEqual({ code: 0, signal: null });
    await fleet.inspect(async (database) => {
      expect(await database.query(tallied)).toEqual([
        { status: 'pending', attempts: 0, count: ORDERS },
      ]);
      for (const path of (await pathsOf(database)).values()) {
        expect(path).toEqual(['pending', 'processing', 'pending']);
      }
      expect(await database.query(leases)).toEqual([]);
      expect(await checkHistories(database, ids)).toBe(ORDERS);
    });
  });

  it('fault 23: has the orders reclaimed after the lease when it is killed, without an attempt counted', async () => {
    const { ids, exit } = await endAfterClaim('SIGKILL');
    expect(exit).toEqual({ code: null, signal: 'SIGKILL' });
    await fleet.inspect(async (database) => {
      expect(await database.query(tallied)).toEqual([
        { status: 'processing', attempts: 1, count: ORDERS },
      ]);
    });

    await fleet.startFaulty({ PROCESSING_LEASE_SECONDS: '10' });
    await fleet.inspect(async (database) => {
      await waitUntilSettled(database, 60_000);
      expect(await database.query(tallied)).toEqual([
        { status: 'completed', attempts: 1, count: ORDERS },
      ]);
      for (const path of (await pathsOf(database)).values()) {
        expect(path).toEqual(['pending', 'processing', 'pending', 'processing', 'completed']);
      }
      expect(await checkHistories(database, ids)).toBe(ORDERS);
    });
  });
});
