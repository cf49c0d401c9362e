import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PASSWORD, type SignedUp } from '../support/api-client';
import { ServerFleet } from '../support/server-fleet';
import { waitUntil } from '../support/wait-until';
import { codeBlocksOf } from './guide';

const ROOT = join(__dirname, '../..');

const [login, poll, stream, webhook] = codeBlocksOf(join(ROOT, 'docs/integration.md')).filter(
  ({ language }) => language === 'js',
);

/** Runs the consumers of `docs/integration.md` as they are written. */
describe('The guide to integration', () => {
  const consumers: ChildProcess[] = [];
  let folder: string;

  afterEach(async () => {
    for (const consumer of consumers.splice(0)) consumer.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  const fleet = ServerFleet.forEachTest({ FULFILMENT_DELAY_MS: '1' });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'integration-guide-'));
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'integration-login.mjs'), login!.code);
  });

  /** @returns the lines that it prints */
  const run = async (
    name: string,
    code: string,
    user: SignedUp,
    environment: Record<string, string> = {},
  ) => {
    const file = join(folder, name);
    await writeFile(file, code);
    const consumer = spawn(process.execPath, [file], {
      env: {
        PATH: process.env['PATH'],
        API_URL: user.url,
        EMAIL: user.email,
        PASSWORD,
        POSITION_FILE: join(folder, 'position'),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    consumers.push(consumer);
    const lines: string[] = [];
    const errors: string[] = [];
    createInterface({ input: consumer.stdout }).on('line', (line) => lines.push(line));
    createInterface({ input: consumer.stderr }).on('line', (line) => errors.push(line));
    return { lines, errors, consumer };
  };

  const eventsOf = (id: number) => [
    `evt_${id}_1 order.created`,
    `evt_${id}_2 order.processing`,
    `evt_${id}_3 order.completed`,
  ];

  /** As after years: the order was placed and completed long ago. */
  const deleteByRetention = async ({ id }: { id: number }) => {
    await fleet.inspect(async (database) => {
      const then = `'${new Date(Date.now() - 40 * 86_400_000).toISOString()}'`;
      await database.query(`UPDATE order_history SET created_at = ${then} WHERE order_id = ${id}`);
      await database.query(
        `UPDATE orders SET created_at = ${then}, updated_at = ${then}, completed_at = ${then}
         WHERE id = ${id}`,
      );
    });
    const args = ['retention', '--orders-days', '30', '--export', 'old.ndjson'];
    expect(await fleet.run('cli/main.js', args)).toMatchObject({ code: 0 });
  };

  it('has a consumer that polls, and continues where it was when it is started again', async () => {
    const user = await (await fleet.start()).api.signUp();
    const first = await user.placeOrder();
    const before = await run('integration-poll.mjs', poll!.code, user);
    await waitUntil(() => before.lines.length === 3);
    expect(before.lines).toEqual(eventsOf(first.id));
    // Killed before that, it would receive the last events again. It creates the file after it has printed them.
    const position = () => readFile(join(folder, 'position'), 'utf8').catch(() => '');
    await waitUntil(async () => (await position()) === '3');
    await new Promise((resolve) => {
      before.consumer.once('exit', resolve).kill('SIGKILL');
    });
    const second = await user.placeOrder();
    const after = await run('integration-poll.mjs', poll!.code, user);
    await waitUntil(() => after.lines.length === 3);
    expect(after.lines).toEqual(eventsOf(second.id));
  });

  it('has a consumer that polls, and logs in again when its session has ended', async () => {
    const user = await (await fleet.start()).api.signUp();
    const { lines, errors } = await run('integration-poll.mjs', poll!.code, user);
    const first = await user.placeOrder();
    await waitUntil(() => lines.length === 3);
    await user.delete('/auth/sessions').expect(204);
    await waitUntil(() => errors.some((line) => line.includes('Status 401')));
    const { access_token } = await user.logIn(user.email);
    const second = await user.withToken(access_token).placeOrder();
    await waitUntil(() => lines.length === 6);
    expect(lines).toEqual([...eventsOf(first.id), ...eventsOf(second.id)]);
  });

  it.each(['poll', 'stream'])(
    'has a client (%s) that continues where no event is missing after the retention of orders',
    async (name) => {
      const user = await (await fleet.start()).api.signUp();
      const deleted = await user.placeOrder();
      await waitUntil(async () => (await user.order(deleted.id)).status === 'completed');
      await waitUntil(async () => (await user.get('/events')).body.data.length === 3);
      await deleteByRetention(deleted);
      const code = name === 'poll' ? poll!.code : stream!.code;
      const { lines, errors } = await run(`integration-${name}.mjs`, code, user);
      await waitUntil(() => errors.some((line) => line.includes('Status 410')));
      const order = await user.placeOrder();
      await waitUntil(() => lines.length === 3);
      expect(lines).toEqual(eventsOf(order.id));
    },
  );

  it('has a client of the stream that reconnects when the server is killed', async () => {
    const server = await fleet.start();
    const user = await server.api.signUp();
    const { lines } = await run('integration-stream.mjs', stream!.code, user);
    const first = await user.placeOrder();
    await waitUntil(() => lines.length === 3);
    const { port } = new URL(server.api.url);
    await server.stop('SIGKILL');
    await fleet.start({ PORT: port });
    const second = await user.placeOrder();
    await waitUntil(() => lines.length === 6, { deadlineMs: 60_000 });
    expect(lines).toEqual([...eventsOf(first.id), ...eventsOf(second.id)]);
  });

  it('has a client of the stream that reconnects when it receives nothing', async () => {
    const server = await fleet.start();
    const user = await server.api.signUp();
    const impatient = stream!.code.replace('30_000', '3_000'); // the comments come every 15 s
    const { lines, errors } = await run('integration-stream.mjs', impatient, user);
    const first = await user.placeOrder();
    await waitUntil(() => lines.length === 3);
    server.process.kill('SIGSTOP');
    try {
      await waitUntil(() => errors.some((line) => line.includes('Nothing received')));
    } finally {
      server.process.kill('SIGCONT');
    }
    const second = await user.placeOrder();
    await waitUntil(() => lines.length === 6, { deadlineMs: 60_000 });
    expect(lines).toEqual([...eventsOf(first.id), ...eventsOf(second.id)]);
  });

  it('has a receiver of webhooks that verifies them, and handles each event once', async () => {
    const server = await fleet.start({ WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' });
    const user = await server.api.signUp();
    const port = await freePort();
    const created = await user.post('/webhooks', { url: `http://127.0.0.1:${port}/` }).expect(201);
    const { id, secret } = created.body as { id: number; secret: string };
    const environment = { PORT: String(port), WEBHOOK_SECRET: secret };
    const { lines } = await run('integration-webhook.mjs', webhook!.code, user, environment);
    const test = () => user.post(`/webhooks/${id}/test`).expect(200);
    await waitUntil(async () => (await test()).body.delivered as boolean);
    lines.length = 0;
    const order = await user.placeOrder();
    await waitUntil(() => lines.length === 3);
    expect(lines).toEqual(eventsOf(order.id));
    await user.post(`/webhooks/${id}/replay`, { after: 0 }).expect(202);
    const last = await user.placeOrder();
    await waitUntil(() => lines.length === 6);
    expect(lines.slice(3)).toEqual(eventsOf(last.id));
    await disconnectWithinBody(port);
    const forged = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' });
    expect(forged.status).toBe(401);
  });
});

/** Begins a request, and disconnects before the end of its body. */
async function disconnectWithinBody(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{');
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.destroy();
  await once(socket, 'close');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
