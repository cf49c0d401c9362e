import { ORDER_STATUSES } from '../src/orders/order-status';
import { ServerFleet } from './support/server-fleet';

describe('seed', () => {
  const fleet = ServerFleet.forEachTest();

  const cli = (...args: string[]) => fleet.run('cli/main.js', args);

  const count = (table: string) =>
    fleet.inspect(async (database) => {
      const [row] = await database.query<{ count: number }[]>(
        `SELECT COUNT(*) AS count FROM ${table}`,
      );
      return row!.count;
    });

  it('writes orders that a server lists, processes and adds to', async () => {
    const { api } = await fleet.start();
    const user = await api.signUp();
    const [before] = await user.placeOrders(1);
    const { code, output } = await cli('seed', '--users', '20', '--orders', '3500');
    expect({ code, output }).toMatchObject({ code: 0 });
    // The progress and warnings are printed to another stream, and may be received before and after it.
    const result = output.slice(output.findIndex((line) => line.startsWith('Wrote')));
    const [wrote, addresses, password] = result as [string, string, string];
    expect(wrote).toMatch(/^Wrote 20 users and 3500 orders in \d+\.\d s$/);
    const [email, last] = Array.from(
      addresses.matchAll(/seed-\d+@example\.com/g),
      ([match]) => match,
    );
    const secret = password.slice('Their password: '.length);
    const admin = api.withToken((await api.logIn(email!, secret)).access_token);
    expect((await admin.get('/users/me')).body).toMatchObject({ role: 'admin' });
    const customer = api.withToken((await api.logIn(last!, secret)).access_token);
    expect((await customer.get('/orders?limit=100')).body).toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ status: 'completed' })]),
    });
    // Ids continue after those that were written.
    expect((await user.placeOrder()).id).toBe(before! + 3_501);
    await fleet.inspect(async (database) => {
      const rows = await database.query<{ status: string }[]>('SELECT DISTINCT status FROM orders');
      const statuses = new Set(rows.map(({ status }) => status));
      for (const status of ORDER_STATUSES) {
        if (status !== 'processing') expect(statuses).toContain(status);
      }
      // Only the two orders that requests placed have their ids.
      for (const table of ['orders', 'order_history']) {
        const known = `SELECT 1 FROM ${table} WHERE request_id IS NOT NULL`;
        expect(await database.query(known)).toHaveLength(2);
      }
    });
    expect(await cli('verify')).toMatchObject({ code: 0 });
  });

  it('says what was written when it is interrupted', async () => {
    await fleet.run('database/migrations-cli.js', ['run']);
    const args = ['seed', '--users', '2', '--orders', '1000000'];
    const { exit, output } = await fleet.interrupt('cli/main.js', args, {
      at: 'Writing orders: 0 %',
      signal: 'SIGTERM',
    });
    expect(exit).toEqual({ code: 143, signal: null });
    const [, written] = /^Interrupted by SIGTERM\. 2 users and (\d+) of 1000000 orders were/.exec(
      output.at(-1)!,
    )!;
    expect(await count('orders')).toBe(Number(written));
    expect(await cli('verify')).toMatchObject({
      code: 0,
      output: expect.arrayContaining([`Verified ${written} orders: nothing is wrong`]),
    });
  });

  it('writes nothing in production, unless it is forced', async () => {
    await fleet.run('database/migrations-cli.js', ['run']);
    const production = { NODE_ENV: 'production' };
    const seed = (...args: string[]) => fleet.run('cli/main.js', ['seed', ...args], production);
    expect(await seed()).toEqual({
      code: 1,
      output: ['NODE_ENV is production: add --force to write invented users and orders there'],
    });
    expect(await count('users')).toBe(0);
    expect(await seed('--force', '--users', '3', '--orders', '0')).toMatchObject({ code: 0 });
    expect(await count('users')).toBe(3);
  });

  it.each(['0', '-1', '1.5', 'many', ''])('rejects --users %p', async (users) => {
    expect(await cli('seed', '--users', users)).toMatchObject({ code: 2 });
  });
});
