import { spawnSync } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OtherProcess } from '../../support/other-process';
import { ServerProcess, createFolder } from '../../support/server-process';

const hasCommandLine = spawnSync('sqlite3', ['--version']).status === 0;
const whereCommandLine = hasCommandLine ? describe : describe.skip;

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

  whereCommandLine('made by the command line of SQLite', () => {
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
