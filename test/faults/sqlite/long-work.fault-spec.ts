import { checkHistories } from '../../support/history-checker';
import { insertPendingOrders } from '../../support/insert-orders';
import { ServerFleet } from '../../support/server-fleet';
import { waitUntil } from '../../support/wait-until';

describe('a server that is told to stop during long work', () => {
  const fleet = ServerFleet.forEachTest({ FULFILMENT_DELAY_MS: '60000' });

  // Not on PostgreSQL too: there a database that does not answer makes shutting down long enough.
  it('fault 18: breaks it off after a while, and does not count the attempt', async () => {
    const server = await fleet.startFaulty();
    const { userId } = await server.api.signUp();
    await fleet.inspect(async (database) => {
      await insertPendingOrders(database, userId, 60);
      const begun = () => fleet.output.filter((line) => line.includes('Fulfilment begins')).length;
      await waitUntil(() => begun() === 50);
      const signalled = performance.now();
      expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
      expect(performance.now() - signalled).toBeLessThan(25_000);
      expect(await database.query('SELECT DISTINCT status, attempts FROM orders')).toEqual([
        { status: 'pending', attempts: 0 },
      ]);
      await checkHistories(database, []);
    });
  });
});
