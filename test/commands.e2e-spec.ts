import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ServerFleet } from './support/server-fleet';
import { isPostgres } from './support/test-database';
import { waitUntil } from './support/wait-until';

const onPostgres = isPostgres() ? describe : describe.skip;

describe('commands', () => {
  const fleet = ServerFleet.forEachTest();

  const cli = async (...args: string[]) => {
    const { code, output } = await fleet.run('cli/main.js', args, { NODE_ENV: 'production' });
    return { code, output: output.join('\n') };
  };

  it('makes an account an admin, and no longer one, while a server runs', async () => {
    const { api } = await fleet.start();
    const user = await api.signUp();
    expect(await cli('user:promote', ` ${user.email.toUpperCase()}`)).toEqual({
      code: 0,
      output: `${user.email} is an admin now`,
    });
    expect((await user.get('/users/me')).body).toMatchObject({ role: 'admin' });
    await user.get('/admin/orders/stats').expect(200);
    expect(await cli('user:demote', user.email)).toEqual({
      code: 0,
      output: `${user.email} is not an admin any more`,
    });
    await user.get('/admin/orders/stats').expect(403);
    for (const command of ['user:promote', 'user:demote']) {
      expect(await cli(command, 'nobody@example.com')).toEqual({
        code: 1,
        output: 'No account has nobody@example.com',
      });
    }
  });

  it.each([
    { args: [], message: 'Usage: npm run cli -- [options] [command]' },
    { args: ['sideways'], message: "error: unknown command 'sideways'" },
    { args: ['user:promote'], message: "error: missing required argument 'email'" },
    { args: ['copy-to-postgres'], message: "error: required option '--from <file>' not specified" },
    { args: ['retention'], message: "error: required option '--orders-days <number>'" },
  ])('rejects the arguments $args', async ({ args, message }) => {
    const { code, output } = await cli(...args);
    expect(code).toBe(2);
    expect(output).toContain(message);
  });

  onPostgres('while another session locks the account', () => {
    it('says that the role may have been changed when it is interrupted', async () => {
      const { api } = await fleet.start();
      const { email } = await api.signUp();
      await fleet.inspect((database) =>
        database.transaction(async (locking) => {
          await locking.query('SELECT id FROM users FOR UPDATE');
          const command = fleet.spawn('cli/main.js', ['user:promote', email]);
          await waitUntil(async () => {
            const waiting = await database.query<unknown[]>(
              `SELECT pid FROM pg_stat_activity
               WHERE datname = current_database() AND wait_event_type = 'Lock'`,
            );
            return waiting.length > 0;
          });
          command.kill('SIGTERM');
          expect(await command.exit).toEqual({ code: 143, signal: null });
          expect(command.output).toEqual([
            'Interrupted by SIGTERM. The role may have been changed. The command can be repeated.',
          ]);
        }),
      );
    });
  });

  it('names the command that backs PostgreSQL up', async () => {
    const url = { DATABASE_URL: 'postgres://postgres:hidden@127.0.0.1:1/orders' };
    expect(await fleet.run('cli/main.js', ['backup'], url)).toEqual({
      code: 1,
      output: [
        'PostgreSQL has its own command: pg_dump --format=custom --file=orders.dump (with PGHOST, PGUSER, PGPASSWORD, PGDATABASE)',
      ],
    });
  });

  it('runs, reverts and shows migrations, without a secret', async () => {
    const run = (...args: string[]) =>
      fleet.run('database/migrations-cli.js', args, { NODE_ENV: 'production' });
    expect(await run('show')).toMatchObject({ code: 3 });
    const { output: log, ...first } = await run('run');
    expect(first).toEqual({ code: 0 });
    expect(log).toContain('Building the index orders_user_id_created_at_idx');
    expect(log.at(-1)).toMatch(/^Migrations run: CreateUsers/);
    const { code, output } = await run('show');
    expect(code).toBe(0);
    expect(output.length).toBeGreaterThan(5);
    for (const line of output) expect(line).toMatch(/^\[X\] \w+\d{13}$/);
    const [last] = output.slice(-1);
    expect(await run('revert')).toEqual({ code: 0, output: [`Reverted: ${last!.slice(4)}`] });
    expect((await run('show')).output.at(-1)).toBe(last!.replace('X', ' '));
    expect(await run('sideways')).toMatchObject({ code: 2 });
    expect(await run()).toMatchObject({ code: 2 });
  });

  it.each([
    'migration:run',
    'migration:revert',
    'migration:show',
    'user:promote',
    'cli',
    'start:prod',
  ])('npm run %s without a build asks for one', async (command) => {
    const { folder } = fleet;
    await copyFile(join(__dirname, '..', 'package.json'), join(folder, 'package.json'));
    const run = promisify(execFile)('npm', ['run', '--silent', command], { cwd: folder });
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: 'Nothing is built: run npm run build first\n',
    });
  });
});
