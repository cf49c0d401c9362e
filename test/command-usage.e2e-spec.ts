import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerFleet } from './support/server-fleet';
import { isPostgres } from './support/test-database';

/** A port on which nothing listens. */
const UNREACHABLE = 'postgres://postgres:hidden@127.0.0.1:1/orders';

/** Each command with arguments that are valid, and the signal that interrupts it in this suite. */
const COMMANDS = [
  { name: 'user:promote', args: ['a@example.com'], signal: 'SIGTERM' },
  { name: 'user:demote', args: ['a@example.com'], signal: 'SIGINT' },
  { name: 'verify', args: [], signal: 'SIGTERM' },
  { name: 'orders:export', args: [], signal: 'SIGINT' },
  { name: 'backup', args: ['--to', 'backup.db'], signal: 'SIGTERM' },
  { name: 'copy-to-postgres', args: ['--from', 'orders.db'], signal: 'SIGINT' },
  { name: 'retention', args: ['--orders-days', '1', '--export', 'old.ndjson'], signal: 'SIGTERM' },
  { name: 'seed', args: [], signal: 'SIGINT' },
  { name: 'statistics:rebuild', args: [], signal: 'SIGTERM' },
] as const;
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 };
const CONNECTING = COMMANDS.filter(({ name }) => name !== 'backup');
const MIGRATED = CONNECTING.filter(({ name }) => name !== 'copy-to-postgres');

const onPostgres = isPostgres() ? describe : describe.skip;

/** Tests in which the database takes no part run once. */
const withAnyDatabase = isPostgres() ? describe.skip : describe;

describe('each command', () => {
  const fleet = ServerFleet.forEachTest();

  const cli = async (args: readonly string[], environment: Record<string, string> = {}) => {
    const { code, output } = await fleet.run('cli/main.js', args, environment);
    return { code, output: output.join('\n') };
  };

  /** The environment of a command on the file `orders.db`. */
  const onFile = (name: string): Record<string, string> =>
    name === 'copy-to-postgres'
      ? { DATABASE_URL: UNREACHABLE }
      : { DATABASE_URL: '', DATABASE_PATH: 'orders.db' };

  it.each(MIGRATED)('$name needs all migrations', async ({ name, args }) => {
    await fleet.inspect((database) => database.query('SELECT 1')); // creates the file
    expect(await cli([name, ...args])).toEqual({
      code: 1,
      output: 'Migrations are pending: start the server, or npm run migration:run',
    });
  });

  withAnyDatabase('with any database', () => {
    it('is in the help, and in the table of this suite', async () => {
      const { code, output } = await cli(['--help']);
      expect(code).toBe(0);
      expect(output).toContain('Exit codes: 0 done, 1 failed, 2 wrong usage');
      const names = Array.from(output.matchAll(/^ {2}([a-z:-]+) /gm), ([, name]) => name);
      expect(new Set(names)).toEqual(new Set(COMMANDS.map(({ name }) => name)));
    });

    it.each(COMMANDS)(
      '$name describes itself, and rejects other options and arguments',
      async ({ name, args }) => {
        expect(await cli([name, ...args, '--help'])).toEqual({
          code: 0,
          output: expect.stringContaining(`Usage: npm run cli -- ${name}`),
        });
        expect(await cli([name, ...args, '--sideways'])).toEqual({
          code: 2,
          output: expect.stringContaining(`error: unknown option '--sideways'`),
        });
        expect(await cli([name, ...args, 'surplus'])).toEqual({
          code: 2,
          output: expect.stringContaining('error: too many arguments'),
        });
        expect(await readdir(fleet.folder)).toEqual([]);
      },
    );

    it.each(COMMANDS)('$name does not create a missing SQLite file', async ({ name, args }) => {
      const variable = name === 'copy-to-postgres' ? '--from' : 'DATABASE_PATH';
      expect(await cli([name, ...args], onFile(name))).toEqual({
        code: 1,
        output: `There is no SQLite file orders.db (${variable})`,
      });
      expect(await readdir(fleet.folder)).toEqual([]);
    });

    it.each(COMMANDS)('$name fails on a file that is no database', async ({ name, args }) => {
      await writeFile(join(fleet.folder, 'orders.db'), 'no database, but long enough for a header');
      const { code, output } = await cli([name, ...args], onFile(name));
      expect(code).toBe(1);
      expect(output).toMatch(/^(Backing up: 0 %\n)?[^\n]*file is not a database$/);
      const files = await readdir(fleet.folder);
      expect(files.filter((file) => !file.startsWith('orders.db'))).toEqual([]);
    });

    it.each(CONNECTING)(
      '$name names an unreachable PostgreSQL, and can be interrupted meanwhile',
      async ({ name, args, signal }) => {
        if (name === 'copy-to-postgres') {
          await fleet.run('database/migrations-cli.js', ['run'], {
            DATABASE_URL: '',
            DATABASE_PATH: 'orders.db',
          });
        }
        const command = fleet.spawn('cli/main.js', [name, ...args], { DATABASE_URL: UNREACHABLE });
        await command.hasPrinted('Cannot connect to PostgreSQL at 127.0.0.1:1');
        command.kill(signal);
        expect(await command.exit).toEqual({ code: EXIT_CODES[signal], signal: null });
        const consequence =
          name === 'copy-to-postgres'
            ? 'No rows were written to PostgreSQL; tables may have been created. ' +
              'The command can be repeated.'
            : 'Nothing was changed.';
        expect(command.output.at(-1)).toBe(`Interrupted by ${signal}. ${consequence}`);
        expect(command.output.join('\n')).not.toContain('hidden');
      },
    );
  });

  onPostgres('on PostgreSQL', () => {
    it.each(MIGRATED)(
      '$name fails at once when there is no such database',
      async ({ name, args }) => {
        const url = new URL(fleet.databaseUrl);
        url.pathname = '/missing';
        const { code, output } = await cli([name, ...args], { DATABASE_URL: url.href });
        expect(code).toBe(1);
        expect(output).toMatch(
          /^Cannot connect to PostgreSQL at .*: database "missing" does not exist$/,
        );
      },
    );
  });
});
