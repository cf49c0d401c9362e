import { checkHistories } from '../../support/history-checker';
import { insertPendingOrders } from '../../support/insert-orders';
import { ServerFleet } from '../../support/server-fleet';
import { waitUntil } from '../../support/wait-until';

describe('a server that receives SIGTERM during long fulfilment', () => {
  const fleet = ServerFleet.forEachTest({ FULFILMENT_DELAY_MS: '60000' });

  // SQLite only: on PostgreSQL a suite shuts down while the database is silent.
  it('fault 18: aborts the attempts after a while, and does not count them', async () => {
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
