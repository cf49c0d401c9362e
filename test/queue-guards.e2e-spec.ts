import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { loadConfig } from '../src/config/app-config';
import { createDataSource, dataSourceOptions } from '../src/database/data-source';
import { migrate, revertLastMigration } from '../src/database/migrate';
import { OrderClaims } from '../src/jobs/order-claims';
import { insertPendingOrders } from './support/insert-orders';
import { TestApp } from './support/test-app';
import { type TestDatabase, createEmptyDatabase } from './support/test-database';

const NOW = `'2026-01-31T12:00:00.000Z'`;

describe('the schema', () => {
  const app = TestApp.forSuite();
  let id: number;

  beforeAll(async () => {
    const user = await app.api.signUp();
    ({ id } = await user.placeOrder());
  });

  it.each([
    ['pending but never due', `status = 'pending', next_attempt_at = NULL`],
    ['pending with a lease', `status = 'pending', lease_token = 'a lease'`],
    ['pending with the expiry of a lease', `status = 'pending', lease_expires_at = ${NOW}`],
    ['processing without a lease', `status = 'processing', next_attempt_at = NULL`],
    ['processing and due', `status = 'processing', lease_token = 'a lease'`],
    ['completed and due', `status = 'completed'`],
    [
      'completed with a lease',
      `status = 'completed', next_attempt_at = NULL, lease_token = 'a lease'`,
    ],
    [
      'failed with the expiry of a lease',
      `status = 'failed', next_attempt_at = NULL, lease_expires_at = ${NOW}`,
    ],
    ['cancelled and due', `status = 'cancelled'`],
  ])('rejects an order that is %s', async (_, values) => {
    await expect(
      app.dataSource.query(`UPDATE orders SET ${values} WHERE id = ${id}`),
    ).rejects.toThrow(/orders_queue_check/);
  });

  it.each([
    ['processing', `status = 'processing', next_attempt_at = NULL, lease_token = 'a lease'`],
    [
      'processing by an instance of the previous release',
      `status = 'processing', next_attempt_at = NULL, lease_token = 'x', lease_expires_at = ${NOW}`,
    ],
    [
      'completed',
      `status = 'completed', next_attempt_at = NULL, lease_token = NULL, lease_expires_at = NULL`,
    ],
    ['pending', `status = 'pending', next_attempt_at = ${NOW}`],
  ])('accepts an order that is %s', async (_, values) => {
    await app.dataSource.query(`UPDATE orders SET ${values} WHERE id = ${id}`);
    const [row] = await app.dataSource.query<{ version: number }[]>(
      `SELECT version FROM orders WHERE id = ${id} AND status = '${values.split("'")[1]}'`,
    );
    expect(row).toBeDefined();
  });
});

describe('the migrations of the queue', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(() => Logger.overrideLogger(false));

  beforeEach(async () => {
    database = await createEmptyDatabase();
    const { target } = loadConfig(database.environment).database;
    dataSource = await createDataSource(dataSourceOptions(target)).initialize();
    await migrate(dataSource);
    await dataSource.query(
      `INSERT INTO users (id, name, email, password_hash, role, created_at, updated_at)
       VALUES (1, 'John', 'john@example.com', '', 'customer', ${NOW}, ${NOW})`,
    );
    await insertPendingOrders(dataSource, 1, 3);
  });

  afterEach(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const revertTo = async (name: string) => {
    while ((await revertLastMigration(dataSource)) !== name);
  };
  const orders = () =>
    dataSource.query<Record<string, unknown>[]>('SELECT * FROM orders ORDER BY id');

  it('make orders due that the previous release left pending without an instant', async () => {
    await revertTo('AddTurns1795305600006');
    await dataSource.query('UPDATE orders SET next_attempt_at = NULL WHERE id < 3');
    await migrate(dataSource);

    const app = await TestApp.start(database.environment);
    try {
      expect(await app.processor.runOnce()).toBe(3);
    } finally {
      await app.stop();
    }
    expect(await orders()).toMatchObject(
      Array.from({ length: 3 }, () => ({ status: 'completed', attempts: 1 })),
    );
  });

  it('can be reverted while orders are pending and claimed', async () => {
    const app = await TestApp.start(database.environment);
    const claimed = await app.nest.get(OrderClaims).claim(1);
    await app.stop();
    const leased = (await orders()).filter(({ status }) => status === 'processing');
    expect(leased).toMatchObject([{ id: claimed[0]!.id, lease_expires_at: null }]);
    const [lease] = await dataSource.query<[{ expires_at: unknown }]>('SELECT * FROM order_leases');

    await revertTo('AddTurns1795305600006');
    // The previous release reclaims the order when this instant has passed.
    const reverted = (await orders()).find(({ status }) => status === 'processing');
    expect(reverted).toMatchObject({ lease_expires_at: lease.expires_at, attempts: 1 });
    expect(reverted).not.toHaveProperty('turn');
    await migrate(dataSource);
    const statuses = (await orders()).map(({ status }) => status);
    expect(statuses).toEqual(['processing', 'pending', 'pending']);
  });
});
