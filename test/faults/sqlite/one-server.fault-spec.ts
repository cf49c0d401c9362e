import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { BuildProcess, ServerProcess, createFolder } from '../../support/server-process';

describe('fault 30: a second server on one SQLite file', () => {
  let folder: Awaited<ReturnType<typeof createFolder>>;
  const started: ServerProcess[] = [];
  let rejected: BuildProcess | undefined;

  beforeEach(async () => {
    folder = await createFolder();
  });

  afterEach(async () => {
    rejected?.kill('SIGKILL');
    await Promise.all(started.splice(0).map((server) => server.stop('SIGKILL')));
    await folder.remove();
  });

  const start = async (environment: Record<string, string> = {}) => {
    const server = await ServerProcess.start(folder.path, environment);
    started.push(server);
    return server;
  };

  it('exits with the reason, while the first server and commands work', async () => {
    const { api } = await start();
    await symlink(join(folder.path, 'orders.db'), join(folder.path, 'link.db'));
    rejected = new BuildProcess('main.js', folder.path, {
      PORT: '0',
      DATABASE_PATH: 'link.db',
      LOG_FILE: '',
    });
    expect(await rejected.exit).toEqual({ code: 1, signal: null });
    expect(rejected.output.join('\n')).toContain(
      `Another server is running on the SQLite file ${join(folder.path, 'orders.db')}`,
    );
    expect(rejected.output.join('\n')).not.toContain('Listening on');

    const user = await api.signUp();
    const promote = new BuildProcess('cli/main.js', folder.path, {}, ['user:promote', user.email]);
    expect(await promote.exit).toEqual({ code: 0, signal: null });
    expect((await user.get('/users/me')).body).toMatchObject({ role: 'admin' });
  });

  it('starts when the first server was killed or has stopped', async () => {
    const first = await start();
    const user = await first.api.signUp();
    const { id } = await user.placeOrder();
    await first.stop('SIGKILL');

    const second = await start();
    const stopping = second.stop('SIGTERM');
    const third = await start();
    expect(await stopping).toEqual({ code: 0, signal: null });
    expect((await third.api.withToken(user.token!).order(id)).id).toBe(id);
  });
});
