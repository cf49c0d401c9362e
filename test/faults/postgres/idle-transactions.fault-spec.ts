import { ServerFleet } from '../../support/server-fleet';
import { waitUntil } from '../../support/wait-until';

/** The limit of the connection options, and 10 s for PostgreSQL to apply it. */
const IDLE_LIMIT_MS = 10_000 + 10_000;

describe('a transaction that an instance leaves open', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_ENABLED: 'false' });

  it('fault 9: is ended by PostgreSQL, which releases its locks, after 10 s', async () => {
    const server = await fleet.start();
    const user = await server.api.signUp();
    const { id } = await user.placeOrder();
    const cancel = async () => (await user.patch(`/orders/${id}/cancel`)).status;
    // `inspect` connects with the options of an instance.
    await fleet.inspect(async (database) => {
      const stalled = database.createQueryRunner();
      await stalled.startTransaction();
      await stalled.query('SELECT id FROM orders WHERE id = $1 FOR UPDATE', [id]);
      expect(await cancel()).toBe(503);
      await waitUntil(async () => (await cancel()) === 200, {
        description: 'the order can be cancelled',
        deadlineMs: IDLE_LIMIT_MS,
      });
      await expect(stalled.query('SELECT 1')).rejects.toThrow();
    });
  });
});
