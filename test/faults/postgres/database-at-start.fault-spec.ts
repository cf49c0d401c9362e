import { portOf, rejectAll } from '../../support/replying-server';
import { ServerFleet } from '../../support/server-fleet';
import { BuildProcess } from '../../support/server-process';
import { TcpProxy } from '../../support/tcp-proxy';
import { waitUntil } from '../../support/wait-until';

describe('a server that starts', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_ENABLED: 'false' });

  /** @returns the message that the server logs before it exits */
  const failToStart = async (url: URL) => {
    const start = fleet.start({ DATABASE_URL: url.href });
    const error: Error = await start.then(
      () => new Error('it has started'),
      (thrown: Error) => thrown,
    );
    // It retries only when the connection takes too long, as on a machine that stands still.
    const retries = error.message.split('\n').filter((line) => line.includes('. Attempt '));
    expect(retries.filter((line) => !/timeout/i.test(line))).toEqual([]);
    expect(error.message).not.toContain('hidden-password');
    // It is written synchronously, so it may precede lines that were logged earlier.
    const fatal = error.message.split('\n').find((line) => line.includes('"level":"fatal"'))!;
    return (JSON.parse(fatal) as { msg: string }).msg;
  };

  it('fault 8: exits at once when the database rejects the user', async () => {
    const url = fleet.databaseUrl;
    url.username = 'nobody';
    url.password = 'hidden-password';
    const reason = await failToStart(url);
    expect(reason).toContain(
      `The server could not start: Cannot connect to PostgreSQL at ${url.hostname}:${url.port || 5432}` +
        `${url.pathname}: `,
    );
    // The message of PostgreSQL depends on whether it requires passwords.
    expect(reason).toMatch(/: (role|password authentication failed for user) "nobody"/);
  });

  it('fault 8: exits at once when the database does not exist', async () => {
    const url = fleet.databaseUrl;
    url.pathname = '/no_such_database';
    expect(await failToStart(url)).toMatch(/: database "no_such_database" does not exist$/);
  });

  it('fault 8: exits at once when the database rejects the password', async () => {
    const server = await rejectAll('28P01', 'password authentication failed for user "orders"');
    const url = new URL(`postgres://orders:hidden-password@127.0.0.1:${portOf(server)}/orders`);
    try {
      expect(await failToStart(url)).toMatch(/: password authentication failed for user "orders"$/);
    } finally {
      server.close();
    }
  });

  it('fault 8: waits for a database that is unreachable, and logs the reason', async () => {
    const url = fleet.databaseUrl;
    const network = await TcpProxy.start({ host: url.hostname, port: Number(url.port || 5432) });
    url.host = `127.0.0.1:${network.port}`;
    await network.refuse();
    try {
      // A command, because `ServerFleet` shows the output of a server only after its start.
      const waiting = new BuildProcess(
        'database/migrations-cli.js',
        process.cwd(),
        { DATABASE_URL: url.href },
        ['run'],
      );
      const problem =
        `Cannot connect to PostgreSQL at 127.0.0.1:${network.port}${url.pathname}: ` +
        `connect ECONNREFUSED 127.0.0.1:${network.port}. Attempt `;
      const line = () => waiting.output.find((one) => one.startsWith(problem));
      await waitUntil(() => line() !== undefined, {
        description: () => `${problem} in ${waiting.output.join('\n')}`,
      });
      expect(line()).toMatch(/ Attempt \d+ of 10 in 3 s$/);
      const starting = fleet.start({ DATABASE_URL: url.href });
      await network.forward();
      expect(await waiting.exit).toEqual({ code: 0, signal: null });
      const { api } = await starting;
      await waitUntil(async () => (await api.get('/health/ready')).status === 200);
    } finally {
      await network.close();
    }
  });
});
