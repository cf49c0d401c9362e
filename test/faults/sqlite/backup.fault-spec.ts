import { spawnSync } from 'node:child_process';
import { chmod, copyFile, open, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OtherProcess } from '../../support/other-process';
import { HttpLoad } from '../../support/http-load';
import { BuildProcess, ServerProcess, createFolder } from '../../support/server-process';
import { isSqlite3Installed } from '../../support/sqlite3';
import { waitUntil } from '../../support/wait-until';

const whereSqlite3IsInstalled = isSqlite3Installed ? describe : describe.skip;

describe('a copy of the SQLite file', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  const started: ServerProcess[] = [];

  beforeEach(async () => {
    folder = await createFolder();
  });

  afterEach(async () => {
    await Promise.all(started.splice(0).map((server) => server.stop('SIGKILL')));
    await folder.remove();
  });

  const start = async (path: string) => {
    const server = await ServerProcess.start(folder.path, { DATABASE_PATH: path });
    started.push(server);
    return server;
  };

  it('is complete after the server has stopped, even while another process has the file open', async () => {
    const server = await start('orders.db');
    const user = await server.api.signUp();
    const { id } = await user.placeOrder();
    const other = await OtherProcess.open(join(folder.path, 'orders.db'));
    try {
      expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
      await copyFile(join(folder.path, 'orders.db'), join(folder.path, 'copy.db'));
    } finally {
      await other.end();
    }
    const copied = await start('copy.db');
    expect((await copied.api.withToken(user.token!).order(id)).id).toBe(id);
  });

  describe('made by the command backup', () => {
    const database = () => join(folder.path, 'orders.db');
    const spawnCli = (...args: string[]) =>
      new BuildProcess('cli/main.js', folder.path, { DATABASE_PATH: 'orders.db' }, args);
    const cli = async (...args: string[]) => {
      const command = spawnCli(...args);
      return { ...(await command.exit), output: command.output };
    };
    /** What is in the folder besides the database and its companions. */
    const others = async () =>
      (await readdir(folder.path)).filter((name) => !name.startsWith('orders.db'));

    it('is complete and serves while the server goes on writing', async () => {
      const server = await start('orders.db');
      const user = await server.api.signUp();
      const before = await user.placeOrders(5);
      const { api, token } = { api: server.api, token: user.token! };
      const load = new HttpLoad({
        clients: 4,
        giveUp: true,
        next: () => ({
          url: api.url,
          token,
          method: 'POST',
          path: '/orders',
          body: { product_name: 'Laptop', amount: 1 },
        }),
      });
      await waitUntil(() => load.acknowledged.length > 50);
      const { code, output } = await cli('backup', '--to', 'copy.db');
      const during = load.acknowledged.length;
      expect(code).toBe(0);
      expect(output).toContain(join(folder.path, 'copy.db'));
      await waitUntil(() => load.acknowledged.length > during);
      await load.stop();
      expect(load.failures).toEqual([]);
      expect(await others()).toEqual(['api.log', 'copy.db']);

      const verified = new BuildProcess('cli/main.js', folder.path, { DATABASE_PATH: 'copy.db' }, [
        'verify',
      ]);
      expect(await verified.exit).toEqual({ code: 0, signal: null });
      const copied = await start('copy.db');
      for (const id of before) {
        expect((await copied.api.withToken(token).order(id)).id).toBe(id);
      }
      await copied.api.withToken(token).placeOrder();
    });

    it('has the permissions of the file, and replaces no other file', async () => {
      const server = await start('orders.db');
      await server.stop();
      await chmod(database(), 0o600);
      const { code, output } = await cli('backup');
      expect(code).toBe(0);
      const backup = output.find((line) => /\/orders-\d{8}T\d{6}Z\.db$/.test(line))!;
      expect(output).toContain(backup);
      expect((await stat(backup)).mode & 0o777).toBe(0o600);
      expect((await stat(backup)).nlink).toBe(1);
      await writeFile(join(folder.path, 'kept.db'), 'kept');
      expect(await cli('backup', '--to', 'kept.db')).toEqual({
        code: 1,
        signal: null,
        output: [`${join(folder.path, 'kept.db')} exists already, and is kept as it is`],
      });
      expect(await readFile(join(folder.path, 'kept.db'), 'utf8')).toBe('kept');
    });

    it('is not kept when the file is damaged, and needs a file and a folder', async () => {
      expect(await cli('backup')).toMatchObject({
        code: 1,
        output: ['There is no SQLite file orders.db (DATABASE_PATH)'],
      });
      const server = await start('orders.db');
      await server.stop();
      expect(await cli('backup', '--to', 'missing/copy.db')).toMatchObject({ code: 1 });
      const file = await open(database(), 'r+');
      for (let page = 1; page < 20; page++) await file.write('damaged', page * 4_096 + 1);
      await file.close();
      const { code, output } = await cli('backup', '--to', 'copy.db');
      expect({ code, output: output.at(-1) }).toEqual({
        code: 1,
        output: 'The backup failed: database disk image is malformed',
      });
      expect(await others()).toEqual(['api.log']);
    });

    it('leaves nothing when it is interrupted', async () => {
      const server = await start('orders.db');
      await server.stop();
      expect(await cli('seed', '--orders', '30000')).toMatchObject({ code: 0 });
      const size = async (name: string) =>
        (await stat(join(folder.path, name)).catch(() => undefined))?.size ?? 0;
      const isCopying = async () => {
        const copy = (await others()).find((name) => name.endsWith('.tmp'));
        return copy !== undefined && (await size(copy)) > 0;
      };
      /** @returns undefined when the backup was complete before it was interrupted */
      const interrupt = async () => {
        await rm(join(folder.path, 'copy.db'), { force: true });
        const backup = spawnCli('backup', '--to', 'copy.db');
        await waitUntil(async () => backup.hasExited || (await isCopying()));
        backup.kill('SIGTERM');
        const exit = await backup.exit;
        return exit.code === 0 ? undefined : { ...exit, last: backup.output.at(-1) };
      };
      let interrupted: Awaited<ReturnType<typeof interrupt>>;
      await waitUntil(async () => {
        interrupted = await interrupt();
        return interrupted !== undefined;
      });
      expect(interrupted).toEqual({
        code: 143,
        signal: null,
        last: 'Interrupted by SIGTERM. No backup was written.',
      });
      expect(await others()).toEqual(['api.log']);
      expect(await cli('backup', '--to', 'copy.db')).toMatchObject({ code: 0 });
    });
  });

  whereSqlite3IsInstalled('made by the command line of SQLite', () => {
    it('is complete while the server runs', async () => {
      const server = await start('orders.db');
      const user = await server.api.signUp();
      const { id } = await user.placeOrder();
      // As in docs/operations.md.
      const backup = spawnSync('sqlite3', ['orders.db', ".backup 'orders-backup.db'"], {
        cwd: folder.path,
        encoding: 'utf8',
      });
      expect(backup).toMatchObject({ status: 0, stderr: '' });
      const restored = await start('orders-backup.db');
      expect((await restored.api.withToken(user.token!).order(id)).id).toBe(id);
      expect((await server.api.withToken(user.token!).order(id)).id).toBe(id);
    });
  });
});
