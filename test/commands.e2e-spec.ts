import { execFile } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ServerFleet } from './support/server-fleet';

describe('commands', () => {
  const fleet = ServerFleet.forEachTest();

  it('makes an account an admin while a server runs', async () => {
    const { api } = await fleet.start();
    const user = await api.signUp();
    const promote = async (email: string) => {
      const { code, output } = await fleet.run('users/promote-user.js', [email]);
      return { code, output: output.join('\n') };
    };
    expect(await promote(` ${user.email.toUpperCase()}`)).toEqual({
      code: 0,
      output: `${user.email} is an admin now`,
    });
    expect((await user.get('/users/me')).body).toMatchObject({ role: 'admin' });
    expect(await promote('nobody@example.com')).toEqual({
      code: 1,
      output: 'No account has nobody@example.com',
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
  }, 60_000);

  it.each(['migration:run', 'migration:revert', 'migration:show', 'user:promote', 'start:prod'])(
    'npm run %s without a build asks for one',
    async (command) => {
      const { folder } = fleet;
      await copyFile(join(__dirname, '..', 'package.json'), join(folder, 'package.json'));
      const run = promisify(execFile)('npm', ['run', '--silent', command], { cwd: folder });
      await expect(run).rejects.toMatchObject({
        code: 1,
        stderr: 'Nothing is built: run npm run build first\n',
      });
    },
  );
});
