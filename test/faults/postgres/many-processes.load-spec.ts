import { FAULTS, note } from '../../support/fault-settings';
import { checkHistories, pathsOf, waitUntilSettled } from '../../support/history-checker';
import { insertPendingOrders } from '../../support/insert-orders';
import { ServerFleet } from '../../support/server-fleet';
import type { ServerProcess } from '../../support/server-process';
import { waitUntil } from '../../support/wait-until';

const ORDERS = 1_000;
const BATCH_SIZE = 100;

/** Records every lease in the database, so that the test sees all claims. */
const RECORD_CLAIMS = `
  CREATE TABLE claims (lease_token text NOT NULL, order_id bigint NOT NULL);
  CREATE FUNCTION record_claim() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO claims VALUES (NEW.lease_token, NEW.id);
      RETURN NULL;
    END $$;
  CREATE TRIGGER record_claim AFTER UPDATE ON orders FOR EACH ROW
    WHEN (NEW.lease_token IS DISTINCT FROM OLD.lease_token AND NEW.lease_token IS NOT NULL)
    EXECUTE FUNCTION record_claim()`;

describe('several processes on one database', () => {
  const fleet = ServerFleet.forEachTest();

  it('fault 6: divide 1,000 orders, claim each once, and never exceed the batch size', async () => {
    const environment = {
      PROCESSING_BATCH_SIZE: String(BATCH_SIZE),
      FULFILMENT_DELAY_MS: '100',
    };
    const servers = await Promise.all(Array.from({ length: 3 }, () => fleet.start(environment)));
    const { userId } = await servers[0]!.api.signUp();
    await fleet.inspect(async (database) => {
      await database.query(RECORD_CLAIMS);
      await insertPendingOrders(database, userId, ORDERS);
      await waitUntilSettled(database, 120_000);
      expect(await checkHistories(database, [])).toBe(ORDERS);
      for (const path of (await pathsOf(database)).values()) {
        expect(path).toEqual(['pending', 'processing', 'completed']);
      }
      const batches = await database.query<{ size: number }[]>(
        'SELECT count(*) AS size FROM claims GROUP BY lease_token',
      );
      const sizes = batches.map(({ size }) => size);
      expect(Math.max(...sizes)).toBeLessThanOrEqual(BATCH_SIZE);
      expect(sizes.reduce((sum, size) => sum + size)).toBe(ORDERS);
      const [claimed] = await database.query<{ count: number }[]>(
        'SELECT count(DISTINCT order_id) AS count FROM claims',
      );
      expect(claimed!.count).toBe(ORDERS);
    });

    const completed = () => servers.map(completedBy);
    // The last lines of the log may arrive after the commit that they are about.
    await waitUntil(() => completed().reduce((sum, { size }) => sum + size, 0) >= ORDERS);
    const shares = completed();
    note(`1,000 orders: ${shares.map(({ size }) => size).join(' + ')} by process`);
    expect(shares.every(({ size }) => size > 0)).toBe(true);
    expect(new Set(shares.flatMap((share) => [...share])).size).toBe(ORDERS);
    expect(shares.reduce((sum, { size }) => sum + size, 0)).toBe(ORDERS);
  });

  it(`fault 6: need less time for ${FAULTS.orders} orders than one`, async () => {
    const start = () => fleet.start({ FULFILMENT_DELAY_MS: '500' });
    const { userId } = await (await start()).api.signUp();
    const measure = () =>
      fleet.inspect(async (database) => {
        await insertPendingOrders(database, userId, FAULTS.orders);
        await waitUntilSettled(database, 120_000);
        await checkHistories(database, []);
        const [firstClaimToLastCompletion] = await database.query<{ seconds: string }[]>(
          `SELECT extract(epoch FROM max(created_at) - min(created_at)) AS seconds
           FROM (SELECT created_at FROM order_history WHERE to_status <> 'pending'
                 ORDER BY order_id DESC LIMIT ${2 * FAULTS.orders}) AS latest`,
        );
        return Number(firstClaimToLastCompletion!.seconds);
      });
    const alone = await measure();
    await Promise.all([start(), start()]);
    const together = await measure();
    note(`${FAULTS.orders} orders of 0.5 s: one process ${alone} s, three ${together} s`);
    // With one core per process it would take a third of the time.
    expect(together).toBeLessThan(alone / 1.25);
  });
});

function completedBy({ process: { output } }: ServerProcess): Set<number> {
  return new Set(
    output
      .map((line) => JSON.parse(line) as { to?: string; order_id: number })
      .filter(({ to }) => to === 'completed')
      .map(({ order_id }) => order_id),
  );
}
