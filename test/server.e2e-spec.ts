import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EVERY_SECOND, NEVER } from './support/cron';
import { ServerFleet } from './support/server-fleet';
import { waitUntil } from './support/wait-until';

describe('the built server', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_CRON: NEVER, LOG_FILE: 'api.log' });

  it('serves the quick test of the README', async () => {
    const { api } = await fleet.start();
    const account = { email: 'john@example.com', password: 'secure123' };
    await api.post('/auth/register', { name: 'John', ...account }).expect(201);
    const { access_token } = await api.logIn(account.email, account.password);
    const john = api.withToken(access_token);
    await john.post('/orders', { product_name: 'Laptop', amount: 999.99 }).expect(201);
    const { body } = await john.get('/orders').expect(200);
    expect(body).toMatchObject({ data: [{ id: 1, status: 'pending' }], next_cursor: null });
    await john.patch('/orders/1/cancel').expect(200);
    expect(await john.order(1)).toMatchObject({ status: 'cancelled', allowed_actions: [] });
  });

  it('processes orders on schedule, and logs that to stdout and to api.log', async () => {
    const server = await fleet.start({ PROCESSING_CRON: EVERY_SECOND, FULFILMENT_DELAY_MS: '10' });
    const user = await server.api.signUp();
    const { id } = await user.placeOrder();
    await waitUntil(async () => (await user.order(id)).status === 'completed');
    await server.stop();

    const file = await readFile(fleet.logFile, 'utf8');
    for (const lines of [server.process.output, file.trim().split('\n')]) {
      const steps = lines
        .map((line) => JSON.parse(line) as { order_id?: number; from?: string; to?: string })
        .filter(({ order_id }) => order_id === id)
        .map(({ from, to }) => `${from} -> ${to}`);
      expect(steps).toEqual([
        'null -> pending',
        'pending -> processing',
        'processing -> completed',
      ]);
    }
  });

  it('keeps every acknowledged order when it is killed', async () => {
    const first = await fleet.start();
    const user = await first.api.signUp();
    const acknowledged: number[] = [];
    const placing = Array.from({ length: 10 }, async () => {
      while (!first.process.hasExited) {
        // One that fails was not acknowledged: the server was killed.
        await user.placeOrder().then(
          ({ id }) => acknowledged.push(id),
          () => undefined,
        );
      }
    });
    await waitUntil(() => acknowledged.length >= 100);
    await first.stop('SIGKILL');
    await Promise.all(placing);

    const second = await fleet.start();
    const again = second.api.withToken(user.token!);
    for (const id of acknowledged) expect((await again.order(id)).id).toBe(id);
  });

  it.each([
    ['', {}],
    [
      ', also while the threads that write files are busy',
      {
        NODE_OPTIONS: `--require=${join(__dirname, 'support', 'occupy-threads-at-shutdown.js')}`,
        // So that the first line is handed to one of the threads, which the end of the process does not wait for.
        SHUTDOWN_DELAY_SECONDS: '1',
      },
    ],
  ])('shuts down on SIGTERM, and logs the start and the end of the shutdown%s', async (_, busy) => {
    const server = await fleet.start(busy);
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    const lines = linesOf(server.process.output).slice(-2);
    expect(lines).toMatchObject([
      { msg: 'Shutdown begins: SIGTERM' },
      { msg: 'Shutdown is complete', duration_ms: expect.any(Number) },
    ]);
    const file = await readFile(fleet.logFile, 'utf8');
    expect(linesOf(file.trim().split('\n')).slice(-2)).toEqual(lines);
  });
});

function linesOf(output: readonly string[]): Record<string, unknown>[] {
  return output.map((line) => JSON.parse(line) as Record<string, unknown>);
}
