import { note } from '../support/fault-settings';
import { insertPendingOrders } from '../support/insert-orders';
import { describeOnLinux, megabytesOf } from '../support/resident-memory';
import { ServerFleet } from '../support/server-fleet';
import { waitUntil } from '../support/wait-until';

const SLOTS = 1_000;

/**
 * Each of these is claimed by itself, in the one slot that is left. What is kept for each hanging attempt
 * and claim adds up to the same as with 49 hanging attempts and 10,000 orders: 150 bytes are 75 MB.
 */
const ORDERS = 500;

const MAX_MEGABYTES = 50;

describeOnLinux('orders whose attempts never end', () => {
  const fleet = ServerFleet.forEachTest({
    PROCESSING_CONCURRENCY: String(SLOTS),
    PROCESSING_LEASE_SECONDS: '3600', // no attempt reaches its deadline
  });

  it('fault 4: take bounded memory while many others are processed in the slot that is left', async () => {
    const server = await fleet.startFaulty();
    const { userId } = await server.api.signUp();
    const idle = megabytesOf(server);
    let most = idle;
    await fleet.inspect(async (database) => {
      await insertPendingOrders(database, userId, SLOTS - 1, 'hangs');
      await insertPendingOrders(database, userId, ORDERS);
      const begun = () => fleet.output.filter((line) => line.includes('Fulfilment begins')).length;
      await waitUntil(
        () => {
          most = Math.max(most, megabytesOf(server));
          return begun() === SLOTS - 1 + ORDERS;
        },
        { deadlineMs: 110_000 },
      );
      const pending = `SELECT id FROM orders WHERE status = 'pending'`;
      expect(await database.query(pending)).toEqual([]);
    });
    note(`${SLOTS - 1} attempts hang: ${idle.toFixed()} MB idle, at most ${most.toFixed()} MB`);
    expect(most - idle).toBeLessThan(MAX_MEGABYTES);
  });
});
