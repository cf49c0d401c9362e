import { readFile } from 'node:fs/promises';
import { portOf, rejectAll, replyToAll } from './support/replying-server';
import { Secrets } from './support/secrets';
import { ServerFleet } from './support/server-fleet';
import { isPostgres } from './support/test-database';
import { waitUntil } from './support/wait-until';

const RETENTION = ['retention', '--orders-days', '1', '--export'];

// The database takes no part, so that one run is enough.
(isPostgres() ? describe.skip : describe)(
  'no secret of the configuration is in the output of',
  () => {
    const fleet = ServerFleet.forEachTest({ LOG_FILE: 'api.log', LOG_LEVEL: 'trace' });
    const secrets = new Secrets();
    const secret = secrets.make('a secret', 24);

    /** @returns the output of a script that exits with this code */
    async function run(
      script: string,
      args: readonly string[],
      environment: Record<string, string>,
      expectedCode: number,
    ): Promise<string> {
      const { code, output } = await fleet.run(script, args, {
        LOG_FILE: 'api.log',
        ...environment,
      });
      const text = output.join('\n');
      expect({ code, text }).toEqual({ code: expectedCode, text: expect.any(String) });
      const file = await readFile(fleet.logFile, 'utf8').catch(() => '');
      expect(secrets.findIn(text + file)).toEqual([]);
      return text;
    }

    it.each<Record<string, string>>([
      {
        PORT: secret,
        JWT_ALGORITHM: secret,
        METRICS_TOKEN: `${secret} x`,
        DATABASE_URL: secret,
        REDIS_URL: secret,
        PUBLIC_URL: `https://john:${secret}@localhost`,
        CORS_ORIGINS: `https://john:${secret}@localhost`,
        TRUST_PROXY: secret,
        PROCESSING_CRON: secret,
        LOG_LEVEL: secret,
      },
      {
        DATABASE_URL: `postgres://orders:${secret}/x@localhost/orders`,
        REDIS_URL: `http://:${secret}@localhost`,
      },
      { DATABASE_URL: `postgres://orders:${secret}`, REDIS_URL: `redis://:${secret}#@localhost` },
      { DATABASE_URL: `mysql://orders:${secret}@localhost/orders` },
      { DATABASE_URL: '', DATABASE_PATH: `postgres://orders:${secret}@localhost/orders` },
    ])('a server that rejects its settings: %j', async (settings) => {
      const output = await run('main.js', [], settings, 1);
      for (const [name, value] of Object.entries(settings)) {
        if (value !== '') expect(output).toContain(`  - ${name} must `);
      }
    });

    it('a production server that rejects its secrets', async () => {
      const short = secrets.make('a short secret', 8);
      const output = await run(
        'main.js',
        [],
        {
          NODE_ENV: 'production',
          JWT_SECRET: `example-${secret}`,
          JWT_PREVIOUS_SECRETS: `${secret},${short}`,
          METRICS_TOKEN: short,
        },
        1,
      );
      for (const name of ['JWT_SECRET', 'JWT_PREVIOUS_SECRETS', 'METRICS_TOKEN']) {
        expect(output).toContain(`  - ${name} must `);
      }
    });

    it('a server and a command that PostgreSQL rejects', async () => {
      const postgres = await rejectAll('28P01', 'password authentication failed');
      const url = `postgres://orders:${secret}@127.0.0.1:${portOf(postgres)}/orders?password=${secret}`;
      const environment = { DATABASE_URL: url, JWT_SECRET: secret };
      try {
        for (const [script, ...args] of [
          ['main.js'],
          ['cli/main.js', 'verify'],
          ['database/migrations-cli.js', 'show'],
        ] as const) {
          const output = await run(script, args, environment, 1);
          expect(output).toContain('password authentication failed');
        }
      } finally {
        postgres.close();
      }
    });

    it('a server and a command that wait for PostgreSQL', async () => {
      // Nothing listens on port 1.
      const DATABASE_URL = `postgres://orders:${secret}@127.0.0.1:1/orders`;
      const waiting = [
        fleet.spawn('main.js', [], { DATABASE_URL, LOG_FILE: 'api.log' }),
        fleet.spawn('cli/main.js', ['verify'], { DATABASE_URL }),
      ];
      for (const process of waiting) {
        await waitUntil(() => process.output.join('\n').includes('Attempt 2 of 10'));
        process.kill('SIGKILL');
        await process.exit;
        expect(secrets.findIn(process.output.join('\n'))).toEqual([]);
      }
      expect(secrets.findIn(await readFile(fleet.logFile, 'utf8'))).toEqual([]);
    });

    it.each([
      [
        'rejects the password',
        '-WRONGPASS invalid username-password pair or user is disabled.\r\n',
      ],
      ['needs no password', '-ERR Client sent AUTH, but no password is set\r\n'],
      ['does not speak its protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ])('a server whose Redis %s', async (_, reply) => {
      const redis = await replyToAll(Buffer.from(reply));
      try {
        const server = await fleet.start({
          REDIS_URL: `redis://orders:${secret}@127.0.0.1:${portOf(redis)}`,
          RATE_LIMIT_ENABLED: 'true',
        });
        await server.api.get('/orders').expect(401); // is counted
        await waitUntil(() => server.process.output.join('\n').includes('Redis is away'));
        await server.stop();
        const output = server.process.output.join('\n') + (await readFile(fleet.logFile, 'utf8'));
        expect(secrets.findIn(output)).toEqual([]);
      } finally {
        redis.close();
      }
    });

    describe('a command', () => {
      const url = `postgres://orders:${secret}@127.0.0.1:1/orders`;
      const unencoded = `postgres://orders:x/${secret}@127.0.0.1:1/orders`;

      it.each([
        ['that is unknown', [url], 2],
        ['with an unknown option', ['verify', `--database=${url}`], 2],
        ['with the value of an unknown option', ['verify', '--database', url], 2],
        ['with too many arguments', ['verify', url], 2],
        ['with a wrong number', ['seed', '--users', url], 2],
        ['with a wrong choice', ['orders:export', '--format', url], 2],
        ['that copies a URL instead of a file', ['copy-to-postgres', '--from', url], 1],
        ['with a URL whose password has a slash', ['copy-to-postgres', '--from', unencoded], 1],
        ['--help', ['--help'], 0],
      ])('%s', async (_, args, code) => {
        expect(await run('cli/main.js', args, { DATABASE_URL: url }, code)).not.toBe('');
      });

      it('that exports to a URL', async () => {
        await fleet.run('database/migrations-cli.js', ['run']);
        await fleet.run('cli/main.js', ['seed', '--users', '1', '--orders', '100']); // most have ended
        const output = await run('cli/main.js', [...RETENTION, url], {}, 1);
        expect(output).toContain('postgres://[redacted]@127.0.0.1:1/orders');
      });

      it.each([
        ['of the migrations', 'database/migrations-cli.js', ['run', url], 2],
        ['that backs up to a URL', 'cli/main.js', ['backup', '--to', url], 1],
        ['for an account that is a URL', 'cli/main.js', ['user:promote', url], 1],
        ['for orders of a URL', 'cli/main.js', ['orders:export', '--user', url], 1],
      ])('%s', async (_, script, args, code) => {
        await fleet.run('database/migrations-cli.js', ['run']);
        expect(await run(script, args, {}, code)).not.toBe('');
      });
    });
  },
);
