import { isLogRead } from './support/log-state';
import { ServerFleet } from './support/server-fleet';
import { waitUntil } from './support/wait-until';

const NONE = { pending: 0, processing: 0, completed: 0, cancelled: 0, failed: 0 };

describe('statistics:rebuild', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_ENABLED: 'false' });

  const cli = async (...args: string[]) => {
    const { code, output } = await fleet.run('cli/main.js', args);
    return {
      code,
      output: output.filter((line) => !/^(Verifying orders|Counting events|Writing)/.test(line)),
    };
  };

  const query = <Row>(sql: string) => fleet.inspect((database) => database.query<Row[]>(sql));

  const untilCaughtUp = () =>
    fleet.inspect((database) => waitUntil(() => isLogRead(database), { deadlineMs: 60_000 }));

  const countOrders = async () => {
    const rows = await query<{ status: string; n: number }>(
      'SELECT status, COUNT(*) AS n FROM orders GROUP BY status',
    );
    return { ...NONE, ...Object.fromEntries(rows.map(({ status, n }) => [status, n])) };
  };

  const counted = async () => {
    const rows = await query<{ status: string; orders: number }>('SELECT * FROM order_counts');
    return { ...NONE, ...Object.fromEntries(rows.map(({ status, orders }) => [status, orders])) };
  };

  it('corrects what verify has found, without a server', async () => {
    const server = await fleet.start({ PROCESSING_ENABLED: 'true', FULFILMENT_DELAY_MS: '1' });
    const user = await server.api.signUp();
    const ids = await user.placeOrders(5);
    await waitUntil(async () => (await user.order(ids[4]!)).status === 'completed');
    await untilCaughtUp();
    await server.stop();
    expect(await cli('verify')).toMatchObject({ code: 0 });
    const [minute] = await query<{ minute: string }>('SELECT minute FROM order_minutes');
    await query(`UPDATE order_counts SET orders = 7 WHERE status = 'completed'`);
    await query(`INSERT INTO order_counts VALUES ('failed', 1)`);
    await query(`UPDATE order_minutes SET failed = 2 WHERE minute = '${minute!.minute}'`);
    expect(await cli('verify')).toEqual({
      code: 1,
      output: [
        'The statistics have 7 completed orders, but the log 5',
        'The statistics have 1 failed orders, but the log 0',
        `The statistics have 2 orders failed in ${minute!.minute}, but the log 0`,
        'statistics that differ from the log: 3',
        'Verified 5 orders: 3 findings',
      ],
    });
    expect(await cli('statistics:rebuild')).toEqual({
      code: 0,
      output: ['Rebuilt the statistics from the events up to position 15'],
    });
    expect(await counted()).toEqual({ ...NONE, completed: 5 });
    expect(await cli('verify')).toMatchObject({ code: 0 });
  });

  it('runs beside a server, whose statistics are right meanwhile', async () => {
    await fleet.run('database/migrations-cli.js', ['run']);
    await cli('seed', '--users', '5', '--orders', '8000');
    const server = await fleet.start();
    const admin = await fleet.signUpAdmin(server.api);
    await untilCaughtUp();
    await query(`UPDATE order_counts SET orders = orders + 1`);
    const rebuilding = fleet.spawn('cli/main.js', ['statistics:rebuild']);
    let placed = 0;
    while (!rebuilding.hasExited) {
      await admin.placeOrder();
      placed += 1;
    }
    expect(await rebuilding.exit).toEqual({ code: 0, signal: null });
    expect(placed).toBeGreaterThan(0);
    await untilCaughtUp();
    const { counts } = (await admin.get('/admin/orders/stats').expect(200)).body as {
      counts: object;
    };
    expect(counts).toEqual(await countOrders());
    expect(await counted()).toEqual(counts);
    await server.stop();
    expect(await cli('verify')).toMatchObject({ code: 0 });
  });

  it('prints what was counted when it is interrupted, and a server counts the rest', async () => {
    await fleet.run('database/migrations-cli.js', ['run']);
    await cli('seed', '--users', '5', '--orders', '12000');
    let server = await fleet.start();
    await untilCaughtUp();
    await server.stop();
    const { exit, output } = await fleet.interrupt('cli/main.js', ['statistics:rebuild'], {
      at: 'Counting events:',
      signal: 'SIGINT',
    });
    expect(exit).toEqual({ code: 130, signal: null });
    expect(output.at(-1)).toMatch(
      /^Interrupted by SIGINT\. Events up to position \d+ of \d+ were counted\. A server counts the others, or this command when it is repeated\.$/,
    );
    expect(await cli('verify')).toMatchObject({ code: 0 });
    server = await fleet.start();
    await untilCaughtUp();
    expect(await counted()).toEqual(await countOrders());
  });

  it('leaves the statistics right when retention deletes orders', async () => {
    await fleet.run('database/migrations-cli.js', ['run']);
    await cli('seed', '--users', '5', '--orders', '3000');
    await fleet.start();
    await untilCaughtUp();
    const before = await counted();
    const retention = await cli('retention', '--orders-days', '30', '--export', 'old.ndjson');
    expect(retention).toMatchObject({ code: 0 });
    const after = await counted();
    expect(after.completed).toBeLessThan(before.completed);
    expect(after).toEqual(await countOrders());
    expect(await cli('verify')).toMatchObject({ code: 0 });
  });
});
