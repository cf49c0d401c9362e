import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Client } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { loadConfig } from '../../../src/config/app-config';
import { connectDatabase, dataSourceOptions } from '../../../src/database/data-source';
import { migrate } from '../../../src/database/migrate';
import type { SignedUp } from '../../support/api-client';
import { FAULTS, note } from '../../support/fault-settings';
import { HttpLoad, slowest, tally, unserved } from '../../support/http-load';
import { ServerFleet } from '../../support/server-fleet';
import { BuildProcess, type ServerProcess } from '../../support/server-process';
import { waitUntil } from '../../support/wait-until';

const HELD_MS = FAULTS.outageSeconds * 1_000;
const TIMEOUT_MS = HELD_MS + 120_000;

/** Needs an exclusive lock on the table for a moment. */
class AddNoteToOrders1895305600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE orders ADD COLUMN note text');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE orders DROP COLUMN note');
  }
}

describe('fault 26: a migration under load, while a reader has locked the orders', () => {
  let server: ServerProcess;
  let reader: Client;
  /** Inspects and prepares the table, beside the server. */
  let operator: Client;
  let user: SignedUp;
  let load: HttpLoad | undefined;

  afterEach(async () => {
    await load?.stop();
    await Promise.all([reader.end(), operator.end()]);
  });

  const fleet = ServerFleet.forEachTest({ PROCESSING_ENABLED: 'false' });

  beforeAll(() => Logger.overrideLogger(false));

  beforeEach(async () => {
    server = await fleet.start();
    user = await server.api.signUp();
    [reader, operator] = [await connect(), await connect()];
    await operator.query(
      `INSERT INTO orders (user_id, product_name, amount_minor, status, version, attempts,
                           created_at, updated_at)
       SELECT $1, 'Laptop', 1, 'completed', 1, 0, now() - n * interval '1 s', now()
       FROM generate_series(1, $2::integer) n`,
      [user.userId, FAULTS.migratedOrders],
    );
  }, TIMEOUT_MS);

  /** A connection without the time limits of an instance. */
  const connect = async () => {
    const client = new Client({ connectionString: fleet.databaseUrl.href });
    await client.connect();
    return client;
  };

  const startLoad = () => {
    const body = { product_name: 'Laptop', amount: 1 };
    const target = { url: server.api.url, token: user.token, path: '/orders' } as const;
    load = new HttpLoad({
      clients: 8,
      pauseMs: 20,
      next: (client) =>
        client % 2 === 0 ? { ...target, method: 'POST', body } : { ...target, method: 'GET' },
    });
    return load;
  };

  /** @returns a function that releases the table */
  const readOrders = async () => {
    // Keeps its snapshot, for which the build of an index waits.
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await reader.query('SELECT count(*) FROM orders WHERE id = 1');
    return () => reader.query('COMMIT');
  };

  const expectAllServed = async (users: HttpLoad, name: string) => {
    await users.stop();
    const { outcomes } = users;
    note(`${name}: ${JSON.stringify(tally(outcomes))}, slowest ${slowest(outcomes)} ms`);
    expect(unserved(outcomes)).toEqual([]);
    expect(tally(outcomes)).toMatchObject({ 200: expect.any(Number), 201: expect.any(Number) });
    expect(slowest(outcomes)).toBeLessThan(2_000);
  };

  it(
    'builds indexes without blocking requests, and ends after the reader',
    async () => {
      await operator.query(`
      DELETE FROM migrations WHERE name = 'AddOrderListIndexes1795305600004';
      DROP INDEX orders_user_id_created_at_idx, orders_user_id_status_created_at_idx,
                 orders_status_created_at_idx;
      CREATE INDEX orders_user_id_id_idx ON orders (user_id, id)`);
      const users = startLoad();
      const release = await readOrders();
      const startedAt = performance.now();
      const command = new BuildProcess(
        'database/migrations-cli.js',
        server.process.folder,
        { DATABASE_URL: fleet.databaseUrl.href },
        ['run'],
      );
      await waitUntil(isBuildWaiting, { deadlineMs: 60_000 });
      await delay(HELD_MS);
      expect(command.hasExited).toBe(false);
      await release();
      expect(await command.exit).toEqual({ code: 0, signal: null });
      note(
        `The migration took ${Math.round(performance.now() - startedAt)} ms, ${FAULTS.migratedOrders} orders`,
      );
      await expectAllServed(users, 'Indexes built beside a reader');
      const { rows } = await operator.query<{ indisvalid: boolean }>(
        `SELECT indisvalid FROM pg_index WHERE indrelid = 'orders'::regclass`,
      );
      expect(rows.length).toBeGreaterThan(4);
      for (const { indisvalid } of rows) expect(indisvalid).toBe(true);
    },
    TIMEOUT_MS,
  );

  it(
    'retries to lock the table, and changes it after the reader',
    async () => {
      const { target } = loadConfig({ DATABASE_URL: fleet.databaseUrl.href }).database;
      const options = dataSourceOptions(target, [AddNoteToOrders1895305600000]);
      const dataSource = await connectDatabase(options);
      const users = startLoad();
      try {
        const release = await readOrders();
        const migrating = { isOver: false };
        const migration = migrate(dataSource).finally(() => (migrating.isOver = true));
        await delay(HELD_MS);
        expect(migrating.isOver).toBe(false);
        await release();
        expect(await migration).toEqual([AddNoteToOrders1895305600000.name]);
      } finally {
        await dataSource.destroy();
      }
      await expectAllServed(users, 'Table changed beside a reader');
    },
    TIMEOUT_MS,
  );

  /** True while an index is built and waits for transactions that may still use the table. */
  const isBuildWaiting = async () => {
    const { rows } = await operator.query(
      `SELECT FROM pg_stat_progress_create_index
       WHERE datname = current_database() AND phase LIKE 'waiting%'`,
    );
    return rows.length > 0;
  };
});
