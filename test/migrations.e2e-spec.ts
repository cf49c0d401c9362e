import { Logger } from '@nestjs/common';
import { DataSource, type DataSourceOptions, type MigrationInterface } from 'typeorm';
import { loadConfig } from '../src/config/app-config';
import { createDataSource, dataSourceOptions } from '../src/database/data-source';
import { AddPositions1795305600011 } from '../migrations/1795305600011-AddPositions';
import { hasPendingMigrations, migrate, revertLastMigration } from '../src/database/migrate';
import { migrationOptions } from '../src/database/postgres/postgres-options';
import { insertPendingOrders } from './support/insert-orders';
import { type TestDatabase, createEmptyDatabase, isPostgres } from './support/test-database';

class FailingMigration1895305600000 implements MigrationInterface {
  up(): Promise<void> {
    return Promise.reject(new Error('This migration fails'));
  }

  down(): Promise<void> {
    return Promise.resolve();
  }
}

describe('migrations', () => {
  let database: TestDatabase;
  let options: DataSourceOptions;
  const dataSources: DataSource[] = [];

  const connect = async () => {
    const dataSource = await createDataSource(options).initialize();
    dataSources.push(dataSource);
    return dataSource;
  };

  beforeAll(() => Logger.overrideLogger(false));

  beforeEach(async () => {
    database = await createEmptyDatabase();
    options = dataSourceOptions(loadConfig(database.environment).database.target);
  });

  afterEach(async () => {
    await Promise.all(dataSources.splice(0).map((dataSource) => dataSource.destroy()));
    await database.drop();
  });

  /** Inserts an account with orders and their history. */
  const insertOrders = async (dataSource: DataSource, count = 1) => {
    const now = `'2026-01-31T12:00:00.000Z'`;
    await dataSource.query(
      `INSERT INTO users (id, name, email, password_hash, role, created_at, updated_at)
       VALUES (1, 'John', 'john@example.com', '', 'customer', ${now}, ${now})`,
    );
    await insertPendingOrders(dataSource, 1, count);
  };

  it('create exactly the schema that the entities describe', async () => {
    const dataSource = await connect();
    await migrate(dataSource);
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('can all be reverted while the tables have rows, and be run again', async () => {
    const dataSource = await connect();
    await migrate(dataSource);
    await insertOrders(dataSource);
    expect(await dataSource.query('SELECT order_id FROM order_history')).toHaveLength(1);
    for (const _ of dataSource.migrations) await revertLastMigration(dataSource);
    expect(await hasPendingMigrations(dataSource)).toBe(true);
    await migrate(dataSource);
    expect(await hasPendingMigrations(dataSource)).toBe(false);
  });

  it('accept orders of the previous release that the constraint of the queue rejects', async () => {
    const dataSource = await connect();
    await migrate(dataSource);
    const hasTurns = () => dataSource.createQueryRunner().hasColumn('orders', 'turn');
    while (await hasTurns()) await revertLastMigration(dataSource);
    await insertOrders(dataSource, 2);
    await dataSource.query(`UPDATE orders SET next_attempt_at = NULL WHERE id = 1`);
    await dataSource.query(`UPDATE orders SET status = 'cancelled' WHERE id = 2`);

    await migrate(dataSource);
    const isDue = `SELECT id FROM orders WHERE next_attempt_at IS NOT NULL`;
    expect(await dataSource.query(isDue)).toMatchObject([{ id: 1 }]);
  });

  it('number the entries of the history by time, in the sequence of each order', async () => {
    const dataSource = await connect();
    await migrate(dataSource);
    const isNumbered = () => dataSource.createQueryRunner().hasColumn('order_history', 'position');
    while (await isNumbered()) await revertLastMigration(dataSource);
    await insertOrders(dataSource, 12_000);
    // The clock was set back after the first entry of order 1.
    for (const [id, sequence, minutes] of [
      [1, 1, 50],
      [1, 2, 10],
      [2, 1, 20],
      [3, 1, 55],
    ]) {
      await dataSource.query(
        `DELETE FROM order_history WHERE order_id = ${id} AND sequence = ${sequence}`,
      );
      await dataSource.query(
        `INSERT INTO order_history (order_id, sequence, to_status, actor_type, created_at)
         VALUES (${id}, ${sequence}, 'pending', 'user', '2020-01-31T12:${minutes}:00.000Z')`,
      );
    }

    await migrate(dataSource);
    const rows = await dataSource.query<Record<string, number>[]>(
      'SELECT order_id, sequence, user_id FROM order_history ORDER BY position',
    );
    expect(rows.slice(0, 4).map(({ order_id, sequence }) => [order_id, sequence])).toEqual([
      [2, 1],
      [1, 1],
      [1, 2],
      [3, 1],
    ]);
    expect(rows.every(({ user_id }) => user_id === 1)).toBe(true);
    const summary =
      'SELECT COUNT(DISTINCT position) AS n, MAX(position) AS last FROM order_history';
    expect(await dataSource.query(summary)).toEqual([{ n: 12_001, last: 12_001 }]);
    expect(await dataSource.query('SELECT * FROM log_readers ORDER BY name')).toEqual([
      { name: 'log', position: 12_001 },
      { name: 'statistics', position: 0 },
    ]);
  });

  (isPostgres() ? describe : describe.skip)('on PostgreSQL', () => {
    it('number the history to its end while the previous release adds entries', async () => {
      const dataSource = await connect();
      await migrate(dataSource);
      const isNumbered = () =>
        dataSource.createQueryRunner().hasColumn('order_history', 'position');
      while (await isNumbered()) await revertLastMigration(dataSource);
      await insertOrders(dataSource, 100);
      const previous = await connect();
      const runner = dataSource.createQueryRunner();
      const query = runner.query.bind(runner);
      let added = 100;
      jest.spyOn(runner, 'query').mockImplementation(async (sql, ...rest) => {
        // One more entry after each batch, as long as the migration goes on.
        if (sql.startsWith('UPDATE log_readers') && added < 120) {
          await insertPendingOrders(previous, 1, 1);
          added++;
        }
        return query(sql, ...rest) as never;
      });
      await new AddPositions1795305600011().up(runner);
      await runner.release();
      expect(added).toBe(101);
    });
  });

  it('run once when instances start at the same time', async () => {
    const instances = await Promise.all(Array.from({ length: 5 }, connect));
    await Promise.all(instances.map(migrate));
    const executed: unknown[] = await instances[0]!.query('SELECT name FROM migrations');
    expect(executed).toHaveLength(instances[0]!.migrations.length);
  });

  it('that precede a failed one are kept on PostgreSQL, and rolled back with it on SQLite', async () => {
    const { target } = loadConfig(database.environment).database;
    options = dataSourceOptions(target, [FailingMigration1895305600000]);
    const dataSource = await connect();
    await expect(migrate(dataSource)).rejects.toThrow('This migration fails');
    const hasUsers = await dataSource.createQueryRunner().hasTable('users');
    expect(hasUsers).toBe(isPostgres());
    if (!isPostgres()) {
      expect(await dataSource.query('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }]);
    }
  });

  it('limit on PostgreSQL how long they wait for a lock or leave a transaction idle', async () => {
    if (options.type !== 'postgres') return;
    const dataSource = await createDataSource(migrationOptions(options)).initialize();
    dataSources.push(dataSource);
    const limits = ['lock_timeout', 'idle_in_transaction_session_timeout', 'statement_timeout'];
    const values = limits.map((name) =>
      dataSource.query(`SELECT current_setting('${name}') AS "is"`),
    );
    expect(await Promise.all(values)).toEqual([[{ is: '500ms' }], [{ is: '10s' }], [{ is: '0' }]]);
  });

  it('fault 26: complete a migration that failed half-way, and replace the invalid index it left', async () => {
    const dataSource = await connect();
    await migrate(dataSource);
    const name = 'orders_user_id_created_at_idx';
    await dataSource.query(
      `DELETE FROM migrations WHERE name = 'AddOrderListIndexes1795305600004'`,
    );
    await dataSource.query(`DROP INDEX ${name}`);
    if (isPostgres()) {
      const build = `CREATE INDEX CONCURRENTLY ${name} ON orders ((1 / (id - id)))`;
      await insertOrders(dataSource);
      await expect(dataSource.query(build)).rejects.toThrow('division by zero');
    }

    await migrate(dataSource);
    const { indices } = (await dataSource.createQueryRunner().getTable('orders'))!;
    const rebuilt = indices.find((index) => index.name === name);
    expect(rebuilt?.columnNames.toSorted()).toEqual(['created_at', 'id', 'user_id']);
    expect(indices.map((index) => index.name)).not.toContain('orders_user_id_id_idx');
    if (isPostgres()) {
      const invalid = 'SELECT 1 FROM pg_index WHERE NOT indisvalid';
      expect(await dataSource.query(invalid)).toEqual([]);
    }
  });

  it('create the intended column types on each database', async () => {
    const dataSource = await connect();
    await migrate(dataSource);
    const orders = await dataSource.createQueryRunner().getTable('orders');
    const types = Object.fromEntries(
      orders!.columns.map(({ name, type, precision }) => [name, [type, precision ?? null]]),
    );
    expect(types).toMatchObject(
      isPostgres()
        ? {
            id: ['bigint', null],
            amount_minor: ['bigint', null],
            created_at: ['timestamp with time zone', 3],
          }
        : {
            id: ['integer', null],
            amount_minor: ['integer', null],
            created_at: ['datetime', 3],
          },
    );
  });
});
