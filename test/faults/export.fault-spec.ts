import { text } from 'node:stream/consumers';
import { insertPendingOrders } from '../support/insert-orders';
import { ServerFleet } from '../support/server-fleet';
import { startDownload } from '../support/start-download';

/** Orchestrators kill after 30 s by default, of which 5 s are left for the network. */
const EXIT_WITHIN_MS = 25_000;

describe('an export during a shutdown', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_ENABLED: 'false' });

  it('is completed when its client reads it, and otherwise cut', async () => {
    const server = await fleet.start();
    const [reading, idle] = [await server.api.signUp(), await server.api.signUp()];
    await fleet.inspect(async (database) => {
      await insertPendingOrders(database, reading.userId, 5_000, '😀'.repeat(200));
      await insertPendingOrders(database, idle.userId, 20_000, '😀'.repeat(200));
    });
    const [read, unread] = [
      await startDownload(reading, '/orders/export'),
      await startDownload(idle, '/orders/export'),
    ];
    const signalled = performance.now();
    server.process.kill('SIGTERM');
    expect((await text(read)).split('\r\n')).toHaveLength(5_000 + 2);
    expect(await server.process.exit).toEqual({ code: 0, signal: null });
    expect(performance.now() - signalled).toBeLessThan(EXIT_WITHIN_MS);
    await expect(text(unread)).rejects.toThrow();
    expect(fleet.output.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });
});
