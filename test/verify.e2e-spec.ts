import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KEY_LIFETIME_SECONDS } from '../src/idempotency/idempotency-keys';
import { Findings } from '../src/cli/verify/findings';
import { verifyOrders } from '../src/cli/verify/verify-orders';
import type { Interruption } from '../src/cli/interruption';
import { Progress } from '../src/cli/progress';
import { insertPendingOrders } from './support/insert-orders';
import { PreviousRelease } from './support/previous-release';
import { untilNumbered } from './support/log-state';
import { ServerFleet } from './support/server-fleet';
import { isPostgres } from './support/test-database';
import { waitUntil } from './support/wait-until';

const OLD = `'2020-01-01T00:00:00.000Z'`;
/** What is not {@link OLD}. */
const NEW = /(?!2020)\d{4}-\d\d-\d\dT[\d:.]{12}Z/g;

/** When the last entry in the history of an order was written. */
const LAST_ENTRY =
  '(SELECT MAX(order_history.created_at) FROM order_history WHERE order_id = orders.id)';

describe('verify', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_MAX_ATTEMPTS: '1' });

  const verify = async (...args: string[]) => {
    const { code, output } = await fleet.run('cli/main.js', ['verify', ...args]);
    // Without a terminal, progress is a plain line.
    return { code, output: output.filter((line) => !/^Verifying orders: \d+ %$/.test(line)) };
  };

  /** Executes statements as a program that enforces no constraint. */
  const plant = (...statements: string[]) =>
    fleet.inspect(async (database) => {
      const unchecked = isPostgres()
        ? [
            `ALTER TABLE orders DROP CONSTRAINT orders_queue_check, DROP CONSTRAINT orders_user_id_fkey,
               DROP CONSTRAINT orders_amount_minor_check`,
            'ALTER TABLE order_history DROP CONSTRAINT order_history_order_id_fkey',
            'ALTER TABLE order_metadata DROP CONSTRAINT order_metadata_order_id_fkey',
            'ALTER TABLE sessions DROP CONSTRAINT sessions_user_id_fkey',
          ]
        : ['PRAGMA foreign_keys = OFF', 'PRAGMA ignore_check_constraints = ON'];
      for (const statement of [...unchecked, ...statements]) await database.query(statement);
    });

  it('finds nothing in a database that requests, the job and an admin have written', async () => {
    const { api } = await fleet.startFaulty();
    const admin = await fleet.signUpAdmin(api);
    const user = await api.signUp();
    const ids = await user.placeOrders(20);
    const poison = { product_name: 'rejects with an error', amount: 1 };
    const { id: failing } = await user.placeOrder(poison);
    const keyed = user.post('/orders', { product_name: 'Phone', amount: 5 });
    await keyed.set('Idempotency-Key', 'key-1').expect(201);
    const noted = await user.placeOrder({ product_name: 'Lamp', amount: 1, metadata: { a: 'b' } });
    await user.patch(`/orders/${noted.id}`, { metadata: { a: 'c' } }).expect(200);
    await waitUntil(async () => {
      const { id } = await user.placeOrder();
      const { status } = await user.patch(`/orders/${id}/cancel`);
      return status === 200 && (await user.order(failing)).status === 'failed';
    });
    await admin.post(`/admin/orders/${failing}/retry`).expect(202);
    expect(await verify()).toMatchObject({ code: 0 }); // while the server works
    await waitUntil(async () => (await user.order(failing)).status === 'failed');
    await waitUntil(async () => (await user.order(ids.at(-1)!)).status === 'completed');
    for (const id of [...ids, noted.id]) {
      await user.patch(`/orders/${id}`, { metadata: { d: 'e', a: null } }).expect(200);
    }
    await user.post('/auth/logout').expect(204);
    for (const server of fleet.running) await server.stop();
    expect(await verify('--stuck-after', '0')).toEqual({
      code: 0,
      output: [expect.stringMatching(/^Verified \d+ orders: nothing is wrong$/)],
    });
  });

  it('finds each of the defects that were planted, and nothing else', async () => {
    const { api } = await fleet.start({ FULFILMENT_DELAY_MS: '1' });
    const user = await api.signUp();
    const order = await user.placeOrders(24);
    const noted: number[] = [];
    for (let n = 0; n < 6; n++) {
      const metadata = { a: 'b', c: 'd' };
      noted.push((await user.placeOrder({ product_name: 'Lamp', amount: 1, metadata })).id);
    }
    for (const id of [...order, ...noted]) {
      await waitUntil(async () => (await user.order(id)).status === 'completed');
    }
    // Positions of entries are changed below: the server has assigned all of them.
    await fleet.inspect(untilNumbered);
    for (const server of fleet.running) await server.stop();
    await plant(
      // The statistics have a suite of their own.
      'DELETE FROM order_counts',
      'DELETE FROM order_minutes',
      `UPDATE log_readers SET position = 0 WHERE name = 'statistics'`,
      `UPDATE orders SET metadata_version = 0 WHERE id = ${noted[0]}`,
      `UPDATE order_metadata SET user_id = 4006 WHERE order_id = ${noted[1]} AND key = 'a'`,
      `UPDATE order_metadata SET created_at = ${OLD} WHERE order_id = ${noted[2]}`,
      `UPDATE orders SET updated_at = ${OLD} WHERE id = ${noted[3]}`,
      `UPDATE orders SET updated_at = '2099-01-31T12:00:00.000Z' WHERE id = ${noted[5]}`,
      `INSERT INTO order_metadata (order_id, key, value, user_id, created_at)
       SELECT 4007, key, value, user_id, created_at FROM order_metadata WHERE order_id = ${noted[4]}`,
      `DELETE FROM order_history WHERE order_id = ${order[0]} AND sequence = 2`,
      `UPDATE order_history SET actor_type = 'user' WHERE order_id = ${order[1]} AND sequence = 3`,
      `UPDATE order_history SET from_status = 'failed' WHERE order_id = ${order[2]} AND sequence = 2`,
      `UPDATE orders SET status = 'cancelled', cancelled_at = completed_at, completed_at = NULL
       WHERE id = ${order[3]}`,
      `UPDATE orders SET version = 7 WHERE id = ${order[4]}`,
      `INSERT INTO order_leases (token, expires_at) VALUES ('orphan', ${OLD}), ('stuck', ${OLD})`,
      ...[
        [order[5], `'missing'`],
        [order[6], `'stuck'`],
        [order[7], 'NULL'],
      ].flatMap(([id, token]) => [
        `DELETE FROM order_history WHERE order_id = ${id} AND sequence = 3`,
        `UPDATE orders SET status = 'processing', version = 2, completed_at = NULL,
           updated_at = ${LAST_ENTRY}, lease_token = ${token} WHERE id = ${id}`,
      ]),
      `DELETE FROM order_history WHERE order_id = ${order[8]} AND sequence > 1`,
      `UPDATE orders SET status = 'pending', version = 1, completed_at = NULL,
         updated_at = created_at WHERE id = ${order[8]}`,
      `UPDATE orders SET next_attempt_at = ${OLD} WHERE id = ${order[9]}`,
      ...[
        ['now', 'new', '/orders/4001'],
        ['now', 'of another module', '/stock/4002'],
        ['old', 'expired', '/orders/4003'],
        ['now', 'right', `/orders/${order[9]}`],
      ].map(
        ([age, key, location]) =>
          `INSERT INTO idempotency_keys
             (user_id, route, key, fingerprint, status, location, etag, body, created_at)
           VALUES (${user.userId}, 'POST /orders', '${key}', '', 0, '${location}', '', '{}',
             '${new Date(Date.now() - (age === 'old' ? KEY_LIFETIME_SECONDS * 1_000 : 0)).toISOString()}')`,
      ),
      `UPDATE orders SET user_id = 4004 WHERE id = ${order[10]}`,
      `UPDATE order_history SET user_id = 4004 WHERE order_id = ${order[10]}`,
      `UPDATE order_history SET user_id = 4008 WHERE order_id = ${order[23]} AND sequence = 1`,
      // Two entries of one order change places.
      `UPDATE order_history SET position = -position WHERE order_id = ${order[23]} AND sequence > 1`,
      `UPDATE order_history SET position =
         (SELECT -SUM(position) FROM order_history AS entry
          WHERE order_id = ${order[23]} AND sequence > 1) + position
       WHERE order_id = ${order[23]} AND sequence > 1`,
      `UPDATE sessions SET user_id = 4005`,
      `DELETE FROM orders WHERE id = ${order[11]}`,
      `DELETE FROM order_history WHERE order_id = ${order[12]}`,
      `UPDATE orders SET completed_at = NULL WHERE id = ${order[13]}`,
      `UPDATE orders SET lease_token = 'left' WHERE id = ${order[14]}`,
      `UPDATE orders SET created_at = ${OLD} WHERE id = ${order[15]}`,
      `UPDATE orders SET updated_at = ${OLD} WHERE id = ${order[16]}`,
      `UPDATE orders SET completed_at = ${OLD} WHERE id = ${order[17]}`,
      `UPDATE order_history SET created_at = ${OLD} WHERE order_id = ${order[18]} AND sequence = 2`,
      `UPDATE orders SET amount_minor = 0 WHERE id = ${order[19]}`,
      `UPDATE orders SET amount_minor = -5 WHERE id = ${order[20]}`,
      `UPDATE orders SET cancel_reason = 'Ordered twice' WHERE id = ${order[21]}`,
      `UPDATE orders SET lease_expires_at = ${OLD} WHERE id = ${order[22]}`,
    );
    const { code, output } = await verify();
    expect(code).toBe(1);
    expect(output.map((line) => line.replaceAll(NEW, 'now'))).toEqual([
      'Order 1: history entry 3 follows entry 1',
      'Order 1 has version 3, but 2 history entries',
      'Order 2: history entry 3 (processing -> completed by user) is not a transition',
      'Order 3: history entry 2 (failed -> processing by system) follows pending',
      'Order 4 is cancelled, but its last history entry is completed',
      'Order 5 has version 7, but 3 history entries',
      'Order 6 is processing without a lease',
      'Order 7 is stuck: its lease has expired',
      'Order 8 is processing without a lease',
      'Order 9 is pending, but never due',
      'Order 10 is completed, but due',
      'Order 11 belongs to user 4004, who does not exist',
      'Order 13 is completed, but it has no history',
      'Order 13 has version 3, but 0 history entries',
      'Order 14 is completed, but completed_at is empty',
      'Order 15 is completed, but has a lease',
      'Order 16: created_at is 2020-01-01T00:00:00.000Z, but its first history entry is of now',
      'Order 17: updated_at is 2020-01-01T00:00:00.000Z, but its last history entry is of now',
      'Order 18: completed_at is 2020-01-01T00:00:00.000Z, but its last history entry is of now',
      'Order 19: history entry 2 is of 2020-01-01T00:00:00.000Z, but entry 1 of now',
      'Order 20 has the amount_minor 0',
      'Order 21 has the amount_minor -5',
      'Order 22 is completed, but cancel_reason is set',
      'Order 23 is completed, but lease_expires_at is set',
      'Order 24: history entry 1 is an event of user 4008 instead of 1',
      expect.stringMatching(
        /^Order 24: history entry 3 has the position \d+, but entry 2 has \d+$/,
      ),
      'Order 28: updated_at is 2020-01-01T00:00:00.000Z, but its last history entry is of now',
      'Order 30: updated_at is now, but its last history entry is of now',
      expect.stringMatching(/^9 positions from 1 to \d+ have no event$/),
      'Order 25 has 2 keys of metadata, but metadata_version is 0',
      'Order 26 has 1 keys of metadata with another owner or created_at',
      'Order 27 has 2 keys of metadata with another owner or created_at',
      'Lease orphan has expired, and no processing order has it',
      'An idempotency key of user 1 is for order 4001, which does not exist',
      'order_history has rows with order_id 12, which is not in orders',
      'order_metadata has rows with order_id 4007, which is not in orders',
      'sessions has rows with user_id 4005, which is not in users',
      'gaps in a history: 1',
      'versions that differ from the number of history entries: 3',
      'steps that are not transitions: 2',
      'statuses that differ from the last history entry: 2',
      'processing orders without a lease: 2',
      'orders stuck past their lease: 1',
      'pending orders without a due time: 1',
      'due times of orders that are not pending: 1',
      'references to rows that do not exist: 4',
      'columns of another status: 4',
      'instants that differ from the history: 5',
      'histories that go back in time: 1',
      'amounts that are not positive: 2',
      'positions that differ from the history: 2',
      'gaps in the log: 1',
      'metadata that differs from its order: 3',
      'leases without a processing order: 1',
      'idempotency keys without their order: 1',
      'Verified 29 orders: 37 findings',
    ]);
  });

  it('describes a hundred findings, and counts all', async () => {
    const { api } = await fleet.start({ PROCESSING_ENABLED: 'false' });
    const user = await api.signUp();
    for (const server of fleet.running) await server.stop();
    await fleet.inspect((database) => insertPendingOrders(database, user.userId, 2_500));
    expect(await verify()).toEqual({
      code: 0,
      output: ['Verified 2500 orders: nothing is wrong'],
    });
    await plant('UPDATE orders SET next_attempt_at = NULL WHERE id > 10');
    const { code, output } = await verify();
    expect(code).toBe(1);
    expect(output).toHaveLength(103);
    expect(output[99]).toBe('Order 110 is pending, but never due');
    expect(output.slice(100)).toEqual([
      '... and 2390 more',
      'pending orders without a due time: 2490',
      'Verified 2500 orders: 2490 findings',
    ]);
  });

  it('replays a history that is longer than a page', async () => {
    const { api } = await fleet.start({ PROCESSING_ENABLED: 'false' });
    const user = await api.signUp();
    for (const server of fleet.running) await server.stop();
    await fleet.inspect(async (database) => {
      await insertPendingOrders(database, user.userId, 3);
      await database.query(
        `WITH RECURSIVE series(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM series WHERE n < 6001)
         INSERT INTO order_history (order_id, sequence, from_status, to_status, actor_type, created_at)
         SELECT 2, n, CASE n % 2 WHEN 0 THEN 'pending' ELSE 'processing' END,
           CASE n % 2 WHEN 0 THEN 'processing' ELSE 'pending' END, 'system', created_at
         FROM series CROSS JOIN orders WHERE orders.id = 2`,
      );
      await database.query('UPDATE orders SET version = 6001 WHERE id = 2');
    });
    expect(await verify()).toEqual({ code: 0, output: ['Verified 3 orders: nothing is wrong'] });
    await plant('DELETE FROM order_history WHERE order_id = 2 AND sequence = 4000');
    expect(await verify()).toMatchObject({
      code: 1,
      output: expect.arrayContaining(['Order 2: history entry 4001 follows entry 3999']),
    });
  });

  it('finds nothing in a database that the previous release has written', async () => {
    const { api } = await fleet.start({ PROCESSING_ENABLED: 'false' });
    const user = await api.signUp();
    for (const server of fleet.running) await server.stop();
    await fleet.inspect(async (database) => {
      const previous = new PreviousRelease(database);
      const ids: number[] = [];
      for (let index = 0; index < 5; index++) ids.push(await previous.place(user.userId));
      expect(await previous.claim(4)).toHaveLength(4);
      await previous.complete(ids[0]!);
      await previous.postpone(ids[1]!, 60);
      await previous.postpone(ids[2]!, 0);
    });
    expect(await verify('--stuck-after', '0')).toEqual({
      code: 0,
      output: ['Verified 5 orders: nothing is wrong'],
    });
  });

  it('finds nothing in orders that retention deletes meanwhile', async () => {
    const { api } = await fleet.start({ PROCESSING_ENABLED: 'false' });
    const { userId } = await api.signUp();
    for (const server of fleet.running) await server.stop();
    await fleet.inspect(async (dataSource) => {
      await insertPendingOrders(dataSource, userId, 2_500); // more than a page
      const findings = new Findings();
      const pages: number[] = [];
      const interruption = {
        check: async (consequence: string) => {
          const id = Number(/\d+/.exec(consequence)![0]);
          pages.push(id);
          await dataSource.query(`DELETE FROM order_history WHERE order_id = ${id}`);
          await dataSource.query(`DELETE FROM orders WHERE id = ${id}`);
        },
      } as Interruption;
      const startProgress = () => new Progress('Verifying orders', 1, { write: () => undefined });
      // Whose history is cut by the end of the first page.
      await dataSource.query('UPDATE orders SET version = 2 WHERE id = 2000');
      const context = { dataSource, interruption, startProgress };
      expect(await verifyOrders(context, findings, 600)).toBe(2_499);
      expect(pages).toEqual([2_000]);
      expect(findings.lines()).toEqual([]);
    });
  });

  it('says how far it came when it is interrupted, and what it found until then', async () => {
    await fleet.run('database/migrations-cli.js', ['run']);
    await fleet.run('cli/main.js', ['seed', '--users', '2', '--orders', '30000']);
    await plant(`UPDATE orders SET version = 99 WHERE id = 5`);
    const { exit, output } = await fleet.interrupt('cli/main.js', ['verify'], {
      at: 'Verifying orders:',
      signal: 'SIGTERM',
    });
    expect(exit).toEqual({ code: 143, signal: null });
    expect(output).toContainEqual(expect.stringMatching(/^Order 5 has version 99, but /));
    expect(output).toContainEqual(
      expect.stringMatching(/^Interrupted by SIGTERM\. Orders up to \d+ were verified\.$/),
    );
    expect(output.join()).not.toContain('Verified');
  });

  it('keeps its exit code when the reader of its output has ended', async () => {
    await fleet.run('database/migrations-cli.js', ['run']);
    const script = join(__dirname, '..', 'dist', 'src', 'cli', 'main.js');
    const { stdout } = await promisify(execFile)(
      'bash',
      ['--norc', '-c', `"${process.execPath}" "${script}" verify | true; echo "\${PIPESTATUS[0]}"`],
      { cwd: fleet.folder, env: { PATH: process.env['PATH'], ...fleet.databaseEnvironment } },
    );
    expect(stdout).toBe('0\n');
  });

  it('rejects a time that is not a number of seconds', async () => {
    const { code, output } = await verify('--stuck-after', '1h');
    expect(code).toBe(2);
    expect(output[0]).toBe(
      `error: option '--stuck-after <seconds>' argument '1h' is invalid. ` +
        'It is an integer from 0 to 86400.',
    );
  });
});
