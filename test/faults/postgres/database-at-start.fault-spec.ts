import { once } from 'node:events';
import { type AddressInfo, type Server, createServer } from 'node:net';
import { ServerFleet } from '../../support/server-fleet';
import { BuildProcess } from '../../support/server-process';
import { TcpProxy } from '../../support/tcp-proxy';
import { waitUntil } from '../../support/wait-until';

/** The first attempt fails within that, and nothing is tried again. */
const AT_ONCE_MS = 10_000;

describe('a server that starts while its database', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_ENABLED: 'false' });

  /** @returns how the start was given up, as the log says */
  const failToStart = async (url: URL) => {
    const startedAt = performance.now();
    const start = fleet.start({ DATABASE_URL: url.href });
    const error: Error = await start.then(
      () => new Error('it has started'),
      (thrown: Error) => thrown,
    );
    expect(performance.now() - startedAt).toBeLessThan(AT_ONCE_MS);
    expect(error.message).not.toContain('hidden-password');
    // Written at once, so it may come before a line that was logged earlier.
    const fatal = error.message.split('\n').find((line) => line.includes('"level":"fatal"'))!;
    return (JSON.parse(fatal) as { msg: string }).msg;
  };

  it('fault 8: knows no such user, ends at once', async () => {
    const url = fleet.databaseUrl;
    url.username = 'nobody';
    url.password = 'hidden-password';
    const reason = await failToStart(url);
    expect(reason).toContain(
      `The server could not start: Cannot connect to PostgreSQL at ${url.hostname}:${url.port || 5432}` +
        `${url.pathname}: `,
    );
    // What PostgreSQL says depends on whether it asks for passwords.
    expect(reason).toMatch(/: (role|password authentication failed for user) "nobody"/);
  });

  it('fault 8: does not exist, ends at once', async () => {
    const url = fleet.databaseUrl;
    url.pathname = '/no_such_database';
    expect(await failToStart(url)).toMatch(/: database "no_such_database" does not exist$/);
  });

  it('fault 8: rejects the password, ends at once', async () => {
    const server = await rejectAll('28P01', 'password authentication failed for user "orders"');
    const { port } = server.address() as AddressInfo;
    const url = new URL(`postgres://orders:hidden-password@127.0.0.1:${port}/orders`);
    try {
      expect(await failToStart(url)).toMatch(/: password authentication failed for user "orders"$/);
    } finally {
      server.close();
    }
  });

  it('fault 8: is away, waits for it, and logs why', async () => {
    const url = fleet.databaseUrl;
    const network = await TcpProxy.start({ host: url.hostname, port: Number(url.port || 5432) });
    url.host = `127.0.0.1:${network.port}`;
    await network.refuse();
    try {
      // Shows what it logs while it starts, which `ServerFleet` does afterwards.
      const waiting = new BuildProcess(
        'database/migrations-cli.js',
        process.cwd(),
        { DATABASE_URL: url.href },
        ['run'],
      );
      await waitUntil(() => waiting.output.length > 0);
      expect(waiting.output).toEqual([
        `Cannot connect to PostgreSQL at 127.0.0.1:${network.port}${url.pathname}: ` +
          `connect ECONNREFUSED 127.0.0.1:${network.port}. Attempt 2 of 10 in 3 s`,
      ]);
      const starting = fleet.start({ DATABASE_URL: url.href });
      await network.forward();
      expect(await waiting.exit).toEqual({ code: 0, signal: null });
      await (await starting).api.get('/health/ready').expect(200);
    } finally {
      await network.close();
    }
  });
});

/** A PostgreSQL that answers everybody with one error (its documentation, section 55.7). */
async function rejectAll(code: string, message: string): Promise<Server> {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(fields.length + 4);
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(Buffer.concat([Buffer.from('E'), length, fields])));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}
