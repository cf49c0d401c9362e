import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { insertPendingOrders } from './support/insert-orders';
import { ServerFleet } from './support/server-fleet';

const HEADER =
  'id,user_id,product_name,amount,status,created_at,updated_at,cancelled_at,cancel_reason,' +
  'completed_at,attempts,failure_reason,reference,metadata,next_attempt_at';

describe('orders:export', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_ENABLED: 'false' });
  const script = join(__dirname, '..', 'dist', 'src', 'cli', 'main.js');

  /** Runs it in a shell, whose variable is the command. */
  const shell = (command: string) =>
    promisify(execFile)('bash', ['--norc', '-c', command], {
      cwd: fleet.folder,
      env: {
        PATH: process.env['PATH'],
        EXPORT: `${process.execPath} ${script} orders:export`,
        ...fleet.databaseEnvironment,
      },
      maxBuffer: 50_000_000,
    });

  it('writes the orders of all users, or of one, as CSV or as the responses of the API', async () => {
    const { api } = await fleet.start();
    const [ada, bob] = [await api.signUp(), await api.signUp()];
    const name = '=HYPERLINK("http://127.0.0.1/?"&A1,"Café 😀")';
    const cancelled = await ada.placeOrder({ product_name: name, amount: 9_999_999_999.99 });
    await ada.patch(`/orders/${cancelled.id}/cancel`, { reason: 'a\r\nb' }).expect(200);
    const other = await bob.placeOrder({
      product_name: 'Phone',
      amount: 0.1,
      reference: '=A-1',
      metadata: { b: '"', a: 'x' },
    });

    const csv = await shell('$EXPORT');
    const order = await ada.order(cancelled.id);
    expect(csv.stdout).toBe(
      `${HEADER}\r\n` +
        `${order.id},${ada.userId},"'=HYPERLINK(""http://127.0.0.1/?""&A1,""Café 😀"")",` +
        `9999999999.99,cancelled,${order.created_at},${order.updated_at},${order.cancelled_at},` +
        `"a\r\nb",,0,,,{},\r\n` +
        `${other.id},${bob.userId},Phone,0.1,pending,${other.created_at},${other.updated_at},,,,0,,'=A-1,` +
        `"{""a"":""x"",""b"":""\\""""}",${other.next_attempt_at}\r\n`,
    );
    expect(csv.stderr).toBe('Exported 2 orders\n');

    const lines = async (options: string) =>
      (await shell(`$EXPORT --format ndjson ${options}`)).stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown);
    expect(await lines('')).toEqual([order, await bob.order(other.id)]);
    expect(await lines(`--user ${bob.userId}`)).toEqual([await bob.order(other.id)]);
    expect(await lines(`--user ${ada.email.toUpperCase()}`)).toEqual([order]);
  });

  it('writes each of many orders once, and notices when its reader ends', async () => {
    const { api } = await fleet.start();
    const [ada, bob] = [await api.signUp(), await api.signUp()];
    await fleet.inspect((database) => insertPendingOrders(database, ada.userId, 1_200));
    await fleet.inspect((database) => insertPendingOrders(database, bob.userId, 1_000));
    const idsOf = (csv: string) =>
      csv
        .trimEnd()
        .split('\r\n')
        .slice(1)
        .map((row) => parseInt(row, 10));
    const all = Array.from({ length: 2_200 }, (_, index) => index + 1);
    expect(idsOf((await shell('$EXPORT')).stdout)).toEqual(all);
    const { stdout: ofBob } = await shell(`$EXPORT --user ${bob.userId}`);
    expect(idsOf(ofBob)).toEqual(all.slice(1_200));
    const head = await shell('$EXPORT | head -n 1; echo "exit ${PIPESTATUS[0]}"');
    expect(head.stdout).toBe(`${HEADER}\r\nexit 1\n`);
    expect(head.stderr).toBe('The reader of stdout has closed it: the export is incomplete\n');
  });

  it('waits for a slow reader', async () => {
    const { api } = await fleet.start();
    const { userId } = await api.signUp();
    await fleet.inspect((database) => insertPendingOrders(database, userId, 5_000));
    // The reader begins after the pipe is full: 5,000 orders are several times its 64 KB.
    const slow = await shell('$EXPORT | (sleep 2; wc -l); echo "exit ${PIPESTATUS[0]}"');
    expect(slow).toEqual({ stdout: '5001\nexit 0\n', stderr: 'Exported 5000 orders\n' });
  });

  it('says that it is incomplete when it is interrupted while its reader is slow', async () => {
    const { api } = await fleet.start();
    const { userId } = await api.signUp();
    await fleet.inspect((database) => insertPendingOrders(database, userId, 5_000));
    const command = spawn(process.execPath, [script, 'orders:export'], {
      cwd: fleet.folder,
      env: { PATH: process.env['PATH'], ...fleet.databaseEnvironment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await once(command.stdout, 'readable'); // nothing reads on, so the pipe is full soon
    command.kill('SIGINT');
    const [message] = (await once(command.stderr, 'data')) as [Buffer];
    expect(message.toString()).toContain('Interrupted by SIGINT. The export is incomplete');
    command.stdout.resume();
    expect(await once(command, 'close')).toEqual([130, null]);
  });

  it('rejects an unknown user or format', async () => {
    await fleet.run('database/migrations-cli.js', ['run']);
    const run = (...args: string[]) => fleet.run('cli/main.js', ['orders:export', ...args]);
    for (const user of ['7', 'nobody@example.com']) {
      expect(await run('--user', user)).toEqual({ code: 1, output: [`No account has ${user}`] });
    }
    expect(await run('--format', 'xml')).toMatchObject({ code: 2 });
  });
});
