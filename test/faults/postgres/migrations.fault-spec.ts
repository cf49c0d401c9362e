import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { Client } from 'pg';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { AddOrderListIndexes1795305600004 } from '../../../migrations/1795305600004-AddOrderListIndexes';
import { loadConfig } from '../../../src/config/app-config';
import { connectDatabase } from '../../../src/database/connect';
import { dataSourceOptions } from '../../../src/database/data-source';
import { migrate } from '../../../src/database/migrate';
import { FAULTS, note } from '../../support/fault-settings';
import { HttpLoad, tally } from '../../support/http-load';
import { ServerFleet } from '../../support/server-fleet';
import { BuildProcess, type ServerProcess } from '../../support/server-process';
import { waitUntil } from '../../support/wait-until';

const HELD_MS = FAULTS.outageSeconds * 1_000;

/** How many orders the table holds: the more, the longer an index takes. */
const ORDERS = Number(process.env['FAULT_MIGRATED_ORDERS'] ?? 20_000);

/** Needs the table for itself, for a moment. */
class AddNoteToOrders1895305600000 implements MigrationInterface {
  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE orders ADD COLUMN note text');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE orders DROP COLUMN note');
  }
}

describe('fault 26: a migration while a reader holds the orders, under load', () => {
  let fleet: ServerFleet;
  let server: ServerProcess;
  let reader: Client;
  let load: HttpLoad;

  beforeAll(() => Logger.overrideLogger(false));

  beforeEach(async () => {
    fleet = await ServerFleet.create({ PROCESSING_ENABLED: 'false' });
    server = await fleet.start();
    const { token, userId } = await server.api.signUp();
    await fleet.inspect((database) =>
      database.query(
        `INSERT INTO orders (user_id, product_name, amount_minor, status, version, attempts,
                             created_at, updated_at)
         SELECT $1, 'Laptop', 1, 'completed', 1, 0, now() - n * interval '1 s', now()
         FROM generate_series(1, $2::integer) n`,
        [userId, ORDERS],
      ),
    );
    reader = new Client({ connectionString: fleet.databaseUrl.href });
    await reader.connect();
    load = new HttpLoad({
      clients: 8,
      pauseMs: 20,
      next: (client) => ({
        url: server.api.url,
        token,
        path: '/orders',
        ...(client % 2 === 0
          ? { method: 'POST' as const, body: { product_name: 'Laptop', amount: 1 } }
          : { method: 'GET' as const }),
      }),
    });
  }, 120_000);

  afterEach(async () => {
    await load.stop();
    await reader.end();
    await fleet.dispose();
  });

  /** @returns what lets go of the table */
  const readOrders = async () => {
    await reader.query('BEGIN');
    await reader.query('SELECT count(*) FROM orders WHERE id = 1');
    return () => reader.query('COMMIT');
  };

  const expectAllServed = async (name: string) => {
    await load.stop();
    const slowest = Math.max(...load.outcomes.map(({ sentAt, endedAt }) => endedAt - sentAt));
    note(`${name}: ${JSON.stringify(tally(load.outcomes))}, slowest ${Math.round(slowest)} ms`);
    expect(Object.keys(tally(load.outcomes)).toSorted()).toEqual(['200', '201']);
    expect(slowest).toBeLessThan(2_000);
  };

  it('builds indexes meanwhile, and ends after the reader', async () => {
    await fleet.inspect(async (database) => {
      const runner = database.createQueryRunner();
      const migration = new AddOrderListIndexes1795305600004();
      await migration.down(runner);
      await runner.query('DELETE FROM migrations WHERE name = $1', [migration.constructor.name]);
      await runner.release();
    });
    const letGo = await readOrders();
    const startedAt = performance.now();
    const command = new BuildProcess(
      'database/migrations-cli.js',
      server.process.folder,
      { DATABASE_URL: fleet.databaseUrl.href },
      ['run'],
    );
    await waitUntil(() => fleet.inspect(isBuildWaiting), { deadlineMs: 60_000 });
    await delay(HELD_MS);
    expect(command.hasExited).toBe(false);
    await letGo();
    expect(await command.exit).toEqual({ code: 0, signal: null });
    note(`The migration took ${Math.round(performance.now() - startedAt)} ms, ${ORDERS} orders`);
    await expectAllServed('Indexes built beside a reader');
    const [row] = await fleet.inspect((database) =>
      database.query<{ count: number }[]>(
        `SELECT count(*)::integer AS count FROM pg_index
         WHERE indrelid = 'orders'::regclass AND NOT indisvalid`,
      ),
    );
    expect(row).toEqual({ count: 0 });
  });

  it('tries again to lock the table, and changes it after the reader', async () => {
    const { target } = loadConfig({ DATABASE_URL: fleet.databaseUrl.href }).database;
    const options = dataSourceOptions(target, [AddNoteToOrders1895305600000]);
    const dataSource = await connectDatabase(options);
    try {
      const letGo = await readOrders();
      const migrating = { isOver: false };
      const migration = migrate(dataSource).finally(() => (migrating.isOver = true));
      await delay(HELD_MS);
      expect(migrating.isOver).toBe(false);
      await letGo();
      expect(await migration).toEqual([AddNoteToOrders1895305600000.name]);
    } finally {
      await dataSource.destroy();
    }
    await expectAllServed('Table changed beside a reader');
  });
});

/** True while an index is built and waits for transactions that may still use the table. */
async function isBuildWaiting(database: { query<T>(sql: string): Promise<T> }): Promise<boolean> {
  const rows = await database.query<unknown[]>(
    `SELECT 1 FROM pg_stat_progress_create_index
     WHERE datname = current_database() AND phase LIKE 'waiting%'`,
  );
  return rows.length > 0;
}
