import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  backupsIn,
  hasEnded,
  incompleteIn,
  orderIdsIn,
  signal,
  suspendBackup,
  waitForNextBackup,
} from '../../support/backups';
import { EVERY_SECOND, NEVER } from '../../support/cron';
import { checkHistories } from '../../support/history-checker';
import { HttpLoad, placeAndList } from '../../support/http-load';
import { isLogRead } from '../../support/log-state';
import { ServerFleet } from '../../support/server-fleet';
import { waitUntil } from '../../support/wait-until';

/** A shutdown without load takes about a second. */
const PROMPTLY_MS = 10_000;

const canLimit = spawnSync('prlimit', ['--version']).status === 0;
const whereLimitable = canLimit ? describe : describe.skip;

describe('backups by the server', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_CRON: NEVER });
  const suspended: number[] = [];

  afterEach(() => {
    for (const pid of suspended.splice(0)) signal(pid, 'SIGKILL');
  });

  const folder = () => join(fleet.folder, 'backups');
  const backups = () => backupsIn(folder());
  const start = (options?: Parameters<ServerFleet['start']>[1]) =>
    fleet.start({ BACKUP_DIR: folder(), BACKUP_CRON: EVERY_SECOND }, options);
  const suspend = async (server: Awaited<ReturnType<typeof start>>) => {
    const pid = await suspendBackup(server, folder());
    suspended.push(pid);
    return pid;
  };
  const logged = (message: string) => fleet.output.filter((line) => line.includes(message));

  it('fault 37: after SIGKILL during one, the incomplete copy is deleted, and the next one succeeds', async () => {
    await mkdir(folder());
    const killed = await start();
    const { id } = await (await killed.api.signUp()).placeOrder();
    const orphan = await suspend(killed);
    await killed.stop('SIGKILL');
    const incomplete = await incompleteIn(folder());
    expect(incomplete).not.toEqual([]);

    const next = await start();
    const left = async () =>
      (await incompleteIn(folder())).filter((name) => incomplete.includes(name));
    expect(await left()).toEqual([]);
    expect(orderIdsIn(await waitForNextBackup(folder()))).toEqual([id]);

    // Its process has outlived the server, and writes to a file that has no name any more.
    signal(orphan, 'SIGCONT');
    await waitUntil(() => hasEnded(orphan));
    await waitUntil(async () => (await left()).length === 0);
    await next.stop();
    expect(await incompleteIn(folder())).toEqual([]);
    for (const backup of await backups()) orderIdsIn(backup);
  });

  it('fault 37: SIGTERM ends a running one, and leaves no copy', async () => {
    await mkdir(folder());
    const server = await start();
    const pid = await suspend(server);
    const before = await backups();
    const signalledAt = performance.now();
    expect(await server.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(performance.now() - signalledAt).toBeLessThan(PROMPTLY_MS);
    await waitUntil(() => hasEnded(pid));
    expect(await incompleteIn(folder())).toEqual([]);
    expect(await backups()).toEqual(before);
    expect(logged('The shutdown has ended the backup')).toHaveLength(1);
    expect(logged('"level":"error"')).toEqual([]);
  });

  it('fault 37: ticks during a backup that takes long are skipped, and its killed process is reported', async () => {
    await mkdir(folder());
    const server = await start();
    const pid = await suspend(server);
    const before = await backups();
    await waitUntil(() => logged('Skipped a backup').length >= 2);
    expect(await backups()).toEqual(before);
    signal(pid, 'SIGKILL');
    await waitUntil(() => logged('its process was ended by SIGKILL').length === 1);
    await waitForNextBackup(folder());
    await server.stop();
    expect(await incompleteIn(folder())).toEqual([]);
  });

  it('fault 37: one that is made under load is complete, and serves', async () => {
    const server = await start();
    const { token } = await server.api.signUp();
    const load = new HttpLoad({
      clients: 4,
      giveUp: true,
      next: placeAndList(server.api.url, token),
    });
    await waitUntil(() => load.acknowledged.length > 50);
    const placed = [...load.acknowledged];
    const backup = await waitForNextBackup(folder());
    await load.stop();
    expect(load.failures).toEqual([]);
    await server.stop();
    expect(orderIdsIn(backup)).toEqual(expect.arrayContaining(placed));

    // As docs/operations.md describes it.
    const database = fleet.databaseEnvironment['DATABASE_PATH']!;
    const copy = join(fleet.folder, 'restored.db');
    await copyFile(backup, copy);
    const verified = await fleet.run('cli/main.js', ['verify'], { DATABASE_PATH: copy });
    expect(verified).toMatchObject({ code: 0 });
    const replaced = join(fleet.folder, 'replaced');
    await mkdir(replaced);
    for (const name of await readdir(dirname(database))) {
      if (name.startsWith(basename(database))) {
        await rename(join(dirname(database), name), join(replaced, name));
      }
    }
    await rename(copy, database);
    const restored = await fleet.start();
    for (const id of placed) {
      expect((await restored.api.withToken(token!).order(id)).id).toBe(id);
    }
    const { id } = await restored.api.withToken(token!).placeOrder();
    await restored.stop();
    await fleet.inspect((connection) => checkHistories(connection, [...placed, id]));
  });

  whereLimitable('that cannot be written', () => {
    it('fault 37: leave no copy, requests are served, and the next one succeeds', async () => {
      const placing = await fleet.start();
      const user = await placing.api.signUp();
      expect(await fleet.run('cli/main.js', ['seed', '--orders', '5000'])).toMatchObject({
        code: 0,
      });
      await fleet.inspect((database) => waitUntil(() => isLogRead(database)));
      await placing.stop();

      // A limit of the size of files fails writes, like a full disk, but not those to the small log of SQLite,
      // since the events of the orders are numbered and counted.
      const server = await start({ tracer: ['prlimit', '--fsize=1000000:'] });
      await waitUntil(() => logged('The backup failed; the next tick tries again').length >= 2);
      expect(logged('The backup failed: disk I/O error')).not.toEqual([]);
      expect(await backups()).toEqual([]);
      await server.api.withToken(user.token!).placeOrder();

      const raised = ['--pid', String(server.process.pid), '--fsize=unlimited:'];
      expect(spawnSync('prlimit', raised)).toMatchObject({ status: 0 });
      await waitUntil(async () => (await backups()).length > 0);
      await server.stop();
      expect(await incompleteIn(folder())).toEqual([]);
      expect(orderIdsIn((await backups()).at(-1)!).length).toBeGreaterThan(5_000);
    });
  });
});
