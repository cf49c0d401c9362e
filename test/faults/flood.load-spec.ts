import type { DataSource } from 'typeorm';
import { ApiClient, type SignedUp } from '../support/api-client';
import { note } from '../support/fault-settings';
import { insertPendingOrders } from '../support/insert-orders';
import { ServerFleet } from '../support/server-fleet';
import type { ServerProcess } from '../support/server-process';
import { isPostgres } from '../support/test-database';
import { waitUntil } from '../support/wait-until';

const FLOODERS = 3;
const ORDERS_OF_EACH = 4_000;

/** The order begins within this time, also on a busy machine. */
const MAX_WAIT_MS = 3_000;

/** The claims that were made when the order arrived, and one order of each owner per turn. */
const MAX_OVERTAKING = 300;

/** Gives turns as an instance gives them that knows no earlier ones. */
const giveTurns = (database: DataSource) =>
  database.query(
    `UPDATE orders SET turn = numbered.n FROM (
       SELECT id AS numbered_id, row_number() OVER (PARTITION BY user_id ORDER BY id) AS n FROM orders
     ) AS numbered WHERE orders.id = numbered_id`,
  );

describe('fault 25: three accounts that flood the queue', () => {
  const fleet = ServerFleet.forEachTest({
    MAX_OPEN_ORDERS_PER_USER: '100000',
    JWT_SECRET: 'a secret of two servers, one after the other',
  });

  /** @returns the servers, one of which serves HTTP only, and a user without orders */
  async function flood(prepare: (database: DataSource) => Promise<unknown>) {
    const serving = await fleet.start({ PROCESSING_ENABLED: 'false' });
    const flooders: SignedUp[] = [];
    for (let n = 0; n < FLOODERS; n++) flooders.push(await serving.api.signUp());
    const user = await serving.api.signUp();
    await fleet.inspect(async (database) => {
      for (const { userId } of flooders) {
        await insertPendingOrders(database, userId, ORDERS_OF_EACH);
      }
      await prepare(database);
    });
    return { user, serving };
  }

  /** Starts a server whose memory of turns is empty. */
  async function startProcessing(serving: ServerProcess): Promise<ServerProcess> {
    if (!isPostgres()) await serving.stop('SIGTERM');
    return fleet.start();
  }

  const countBegun = (database: DataSource, condition: string) =>
    database
      .query<{ begun: number; at: string | Date | null }[]>(
        `SELECT COUNT(*) AS begun, MIN(history.created_at) AS at FROM order_history AS history
         JOIN orders ON orders.id = order_id WHERE to_status = 'processing' AND ${condition}`,
      )
      .then(([row]) => ({ begun: row!.begun, at: new Date(row!.at ?? 0) }));

  /** Expects that an order has begun soon after it was placed, or after the first of all. */
  async function expectSoon(id: number): Promise<void> {
    await fleet.inspect(async (database) => {
      const own = `orders.id = ${id}`;
      await waitUntil(async () => (await countBegun(database, own)).begun > 0);
      const [placed] = await database.query<{ created_at: string | Date }[]>(
        `SELECT created_at FROM orders WHERE id = ${id}`,
      );
      const { at: beganAt } = await countBegun(database, own);
      const first = await countBegun(database, '1 = 1');
      const placedAt = new Date(placed!.created_at);
      const since = new Date(Math.max(placedAt.getTime(), first.at.getTime()));
      const sql = (instant: Date) => `'${instant.toISOString()}'`;
      const { begun } = await countBegun(
        database,
        `history.created_at >= ${sql(since)} AND history.created_at < ${sql(beganAt)}`,
      );
      const waitedMs = beganAt.getTime() - since.getTime();
      note(`it waited ${waitedMs} ms, and ${begun} orders were claimed before`);
      expect(waitedMs).toBeLessThan(MAX_WAIT_MS);
      expect(begun).toBeLessThan(MAX_OVERTAKING);
    });
  }

  const isProcessing = () =>
    fleet.inspect(async (database) => (await countBegun(database, '1 = 1')).begun > 0);

  it.each([
    ['turns', giveTurns],
    ['no turns, because the previous release placed them', () => Promise.resolve()],
  ])('do not delay the order of another one: their orders have %s', async (_, prepare) => {
    const { user, serving } = await flood(prepare);
    const processing = await startProcessing(serving);
    await waitUntil(isProcessing);
    // On SQLite there is one server; otherwise the one that places the order claims none.
    const { url, token } = isPostgres() ? user : processing.api.withToken(user.token!);
    const { id } = await new ApiClient(url, token).placeOrder();
    await expectSoon(id);
  });
});
