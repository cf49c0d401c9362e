import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OrderHistoryEntryResponse, OrderResponse } from '../src/orders/order.dto';
import { expectProblem } from './support/api-client';
import { OtherProcess } from './support/other-process';
import { ServerFleet } from './support/server-fleet';
import { isPostgres } from './support/test-database';
import { waitUntil } from './support/wait-until';

type ExportedOrder = OrderResponse & { readonly history: OrderHistoryEntryResponse[] };

const DAY_MS = 86_400_000;

const onSqlite = isPostgres() ? describe.skip : describe;

describe('retention', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_ENABLED: 'false' });

  const cli = async (...args: string[]) => {
    const { code, output } = await fleet.run('cli/main.js', args);
    return {
      code,
      // A server, or a connection of the test, may be using the file on SQLite.
      output: output.filter(
        (line) => !/^Exporting and deleting|^Writing|^Another process uses/.test(line),
      ),
    };
  };

  const exported = async () =>
    (await readFile(join(fleet.folder, 'old.ndjson'), 'utf8'))
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as ExportedOrder);

  const ids = (condition: string) =>
    fleet.inspect(async (database) => {
      const rows = await database.query<{ id: number }[]>(
        `SELECT id FROM orders WHERE ${condition} ORDER BY id`,
      );
      return rows.map(({ id }) => id);
    });

  const ENDED = `status IN ('completed', 'cancelled')`;

  /** A number of days that no order reaches, since it ended, while the test runs. */
  const daysBetweenOrders = async () => {
    for (let days = 30; days < 60; days++) {
      const from = Date.now() - days * DAY_MS;
      const [start, end] = [from, from + 600_000].map((at) => new Date(at).toISOString());
      const condition = `${ENDED} AND updated_at BETWEEN '${start}' AND '${end}'`;
      if ((await ids(condition)).length === 0) return days;
    }
    throw new Error('An order ended in ten minutes of each day');
  };

  it('exports orders that ended long ago, and deletes them while a server runs', async () => {
    const { api } = await fleet.start();
    const user = await api.signUp();
    const { id } = await user.placeOrder();
    await user.patch(`/orders/${id}/cancel`).expect(200);
    const noted = await user.placeOrder({
      product_name: 'Lamp',
      amount: 1,
      reference: 'A-1',
      metadata: { a: 'b' },
    });
    await user.patch(`/orders/${noted.id}/cancel`).expect(200);
    await fleet.inspect(async (database) => {
      const then = `'${new Date(Date.now() - 70 * DAY_MS).toISOString()}'`;
      for (const table of ['order_history', 'order_metadata']) {
        await database.query(
          `UPDATE ${table} SET created_at = ${then} WHERE order_id = ${noted.id}`,
        );
      }
      await database.query(
        `UPDATE orders SET created_at = ${then}, updated_at = ${then}, cancelled_at = ${then}
         WHERE id = ${noted.id}`,
      );
    });
    await cli('seed', '--orders', '3000');
    const days = await daysBetweenOrders();
    const limit = new Date(Date.now() - days * DAY_MS).toISOString();
    const old = await ids(`${ENDED} AND updated_at < '${limit}'`);
    const all = await ids('1 = 1');
    expect(old.length).toBeGreaterThan(500);

    const dryRun = await cli('retention', '--orders-days', `${days}`, '--dry-run');
    expect(dryRun).toEqual({
      code: 0,
      output: [`${old.length} orders would be exported and deleted`],
    });
    expect(await ids('1 = 1')).toEqual(all);

    const retention = ['retention', '--orders-days', `${days}`, '--export', 'old.ndjson'];
    expect(await cli(...retention)).toEqual({
      code: 0,
      output: [`Exported ${old.length} orders to old.ndjson, and deleted them`],
    });
    const expired = await user.get('/events');
    expectProblem(expired, 410, 'position_expired');
    const after = (expired.body as { oldest_position: number }).oldest_position - 1;
    const orders = await exported();
    expect(orders.map((order) => order.id).toSorted((a, b) => a - b)).toEqual(old);
    for (const { status, history } of orders) {
      expect(history.map(({ sequence }) => sequence)).toEqual(history.map((_, index) => index + 1));
      expect(history.at(-1)).toMatchObject({ to: status });
    }
    expect(orders.find((order) => order.id === noted.id)).toMatchObject({
      reference: 'A-1',
      metadata: { a: 'b' },
    });
    expect(
      await fleet.inspect((database) => database.query('SELECT order_id FROM order_metadata')),
    ).toEqual([]);
    expect((await stat(join(fleet.folder, 'old.ndjson'))).mode & 0o777).toBe(0o600);
    const deleted = new Set(old);
    expect(await ids('1 = 1')).toEqual(all.filter((order) => !deleted.has(order)));
    expect(await cli('verify')).toMatchObject({ code: 0 });
    expect((await user.order(id)).status).toBe('cancelled');
    expect(await cli(...retention)).toEqual({
      code: 0,
      output: ['No order to delete has ended so long ago; no file was written'],
    });
    const later = await user.placeOrder();
    const readEvents = async () => {
      const { body } = await user.get(`/events?after=${after}`).expect(200);
      return (body as { data: { id: string }[] }).data.map((event) => event.id);
    };
    await waitUntil(async () => (await readEvents()).length > 0);
    expect((await readEvents())[0]).toBe(`evt_${later.id}_1`);
  });

  it('keeps the orders to which rows of other modules refer', async () => {
    await fleet.run('database/migrations-cli.js', ['run']);
    await cli('seed', '--orders', '300');
    const ended = await ids(ENDED);
    const [restricted, cascading] = ended.slice(0, 2);
    await fleet.inspect(async (database) => {
      await database.query(
        'CREATE TABLE refunds (order_id bigint PRIMARY KEY REFERENCES orders (id))',
      );
      await database.query(
        `CREATE TABLE "packing slips"
           (id bigint PRIMARY KEY, "of order" bigint REFERENCES orders ON DELETE CASCADE)`,
      );
      await database.query(`INSERT INTO refunds VALUES (${restricted})`);
      await database.query(`INSERT INTO "packing slips" VALUES (1, ${cascading}), (2, NULL)`);
    });
    const kept = expect.stringMatching(
      /^Kept 2 orders that (refunds|packing slips) or .* refers to$/,
    );
    const days = ['retention', '--orders-days', '1'];
    expect(await cli(...days, '--dry-run')).toEqual({
      code: 0,
      output: [`${ended.length - 2} orders would be exported and deleted`, kept],
    });
    expect(await cli(...days, '--export', 'old.ndjson')).toEqual({
      code: 0,
      output: [`Exported ${ended.length - 2} orders to old.ndjson, and deleted them`, kept],
    });
    expect(await ids(ENDED)).toEqual([restricted, cascading]);
    expect((await exported()).map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(
      ended.slice(2),
    );
    expect(await cli('verify')).toMatchObject({ code: 0 });
  });

  it('has exported what it has deleted when it is interrupted', async () => {
    await fleet.run('database/migrations-cli.js', ['run']);
    await cli('seed', '--orders', '8000');
    const before = await ids('1 = 1');
    const args = ['retention', '--orders-days', '1', '--export', 'old.ndjson'];
    const { exit, output } = await fleet.interrupt('cli/main.js', args, {
      at: 'Exporting and deleting orders:',
      signal: 'SIGINT',
    });
    expect(exit).toEqual({ code: 130, signal: null });
    const remaining = new Set(await ids('1 = 1'));
    const deleted = before.filter((id) => !remaining.has(id));
    expect(output.at(-1)).toBe(
      `Interrupted by SIGINT. ${deleted.length} orders were exported to old.ndjson and deleted; ` +
        'all others are kept.',
    );
    expect(remaining.size).toBeGreaterThan(before.length / 10);
    expect((await exported()).map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(deleted);
    expect(await cli('verify')).toMatchObject({ code: 0 });
  });

  onSqlite('beside another program that writes to the file', () => {
    it('waits for its end, and deletes nothing when that takes long', async () => {
      await fleet.run('database/migrations-cli.js', ['run']);
      await cli('seed', '--orders', '300');
      const ended = await ids(ENDED);
      const path = fleet.databaseEnvironment['DATABASE_PATH']!;
      const retention = (file: string) => ['retention', '--orders-days', '1', '--export', file];

      let writer = await OtherProcess.lock(path);
      try {
        const { code, output } = await cli(...retention('locked.ndjson'));
        expect(code).toBe(1);
        expect(output[0]).toBe('0 orders were deleted. locked.ndjson contains all of them.');
        expect(output).toContain(
          'Another process has locked the SQLite file for more than 2000 ms',
        );
      } finally {
        await writer.end();
      }
      expect(await ids(ENDED)).toEqual(ended);

      writer = await OtherProcess.lock(path);
      try {
        const waiting = fleet.spawn('cli/main.js', retention('old.ndjson'));
        // The file is created before the first transaction begins.
        await waitUntil(() => existsSync(join(fleet.folder, 'old.ndjson')));
        expect(waiting.hasExited).toBe(false);
        await writer.end();
        expect(await waiting.exit).toEqual({ code: 0, signal: null });
      } finally {
        await writer.end();
      }
      expect(await ids(ENDED)).toEqual([]);
      expect((await exported()).map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(ended);
    });
  });

  it('deletes nothing without an export', async () => {
    await fleet.run('database/migrations-cli.js', ['run']);
    await cli('seed', '--orders', '100');
    const before = await ids('1 = 1');
    const days = ['retention', '--orders-days', '1'];
    expect(await cli(...days)).toMatchObject({
      code: 2,
      output: expect.arrayContaining(["error: option '--export <file>' or '--dry-run' is missing"]),
    });
    await writeFile(join(fleet.folder, 'old.ndjson'), 'kept');
    const existing = await cli(...days, '--export', 'old.ndjson');
    expect(existing).toMatchObject({ code: 1 });
    expect(existing.output.join()).toContain('EEXIST');
    expect(await readFile(join(fleet.folder, 'old.ndjson'), 'utf8')).toBe('kept');
    expect(await cli(...days, '--export', 'missing/old.ndjson')).toMatchObject({ code: 1 });
    expect(await cli('retention', '--orders-days', '0', '--dry-run')).toMatchObject({ code: 2 });
    expect(await cli('retention', '--dry-run')).toMatchObject({ code: 2 });
    expect(await ids('1 = 1')).toEqual(before);
  });
});
