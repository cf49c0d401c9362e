import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { instantOfBackup } from '../src/database/sqlite/backup-names';
import { backupsIn, incompleteIn, orderIdsIn, waitForNextBackup } from './support/backups';
import { EVERY_SECOND, NEVER } from './support/cron';
import { metricsUrlOfProcess, scrape } from './support/scrape';
import { ServerFleet } from './support/server-fleet';
import { isPostgres } from './support/test-database';
import { waitUntil } from './support/wait-until';

const METRIC = 'backup_last_success_timestamp_seconds';

describe('Backups by the server', () => {
  const fleet = ServerFleet.forEachTest({ PROCESSING_CRON: NEVER, METRICS_PORT: '0' });

  const folder = () => join(fleet.folder, 'backups', 'of orders');

  const start = (BACKUP_CRON: string) => fleet.start({ BACKUP_DIR: folder(), BACKUP_CRON });

  const lines = (message: string) =>
    fleet.output
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ msg }) => msg === message);

  /** The output of a server that does not start. */
  const failStart = async (environment: Record<string, string>): Promise<string> => {
    const started = await fleet.start(environment).catch((error: Error) => error.message);
    return typeof started === 'string' ? started : 'The server has started';
  };

  (isPostgres() ? describe.skip : describe)('of an SQLite file', () => {
    it('are made at the times of BACKUP_CRON, in a folder that the server creates', async () => {
      const server = await start(EVERY_SECOND);
      expect(JSON.parse(server.process.output[0]!)).toMatchObject({ backups: EVERY_SECOND });
      const user = await server.api.signUp();
      const ids = await user.placeOrders(3);
      expect(orderIdsIn(await waitForNextBackup(folder()))).toEqual(ids);
      await server.stop();
      const backups = await backupsIn(folder());
      expect(await incompleteIn(folder())).toEqual([]);
      const logged = lines('Backed up the SQLite file').map(({ file }) => file);
      expect(logged).toEqual(expect.arrayContaining(backups));
    });

    it('are shown in the metrics, also after a restart, and as 0 while there is none', async () => {
      const metric = async (server: Awaited<ReturnType<typeof start>>) =>
        (await scrape(metricsUrlOfProcess(server))).get(METRIC);
      const first = await start(NEVER);
      expect(await metric(first)).toBe(0);
      await first.stop();

      const second = await start(EVERY_SECOND);
      await waitUntil(async () => (await metric(second))! > 0);
      const age = Date.now() / 1_000 - (await metric(second))!;
      expect(Math.abs(age)).toBeLessThan(10);
      await second.stop();

      const newest = (await backupsIn(folder())).at(-1)!;
      const at = instantOfBackup(basename(newest), 'orders.db', '.auto.db')!;
      expect(await metric(await start(NEVER))).toBe(at.getTime() / 1_000);
    });

    it('are kept up to seven, and no other file is deleted', async () => {
      await mkdir(folder(), { recursive: true });
      const old = Array.from({ length: 9 }, (_, n) => `orders-2020010${n + 1}T030000Z.auto.db`);
      const others = ['orders-20200101T030000Z.db', 'stock-20200101T030000Z.auto.db', 'notes.txt'];
      for (const name of [...old, ...others]) await writeFile(join(folder(), name), name);
      const server = await start(EVERY_SECOND);
      await waitUntil(async () => (await backupsIn(folder())).length === 7);
      await server.stop();
      const names = await readdir(folder());
      expect(names).toEqual(expect.arrayContaining(others));
      expect(names).not.toContain(old[0]);
      expect(names.length).toBeLessThanOrEqual(7 + 1 + others.length + 1); // one may be undeleted; orders.owner
      for (const name of others) expect(await readFile(join(folder(), name), 'utf8')).toBe(name);
    });

    it('are tried again at the next tick after one that failed, with its cause in the log', async () => {
      const server = await start(EVERY_SECOND);
      await waitUntil(async () => (await backupsIn(folder())).length > 0);
      const away = join(fleet.folder, 'away');
      await rename(folder(), away);
      const failures = () => lines('The backup failed; the next tick tries again');
      // The first one may have begun before.
      await waitUntil(() => failures().length >= 2);
      expect(failures()[1]).toMatchObject({
        level: 'error',
        context: 'BackupSchedule',
        err: { code: 'ENOENT', message: expect.stringContaining(folder()) },
      });
      await (await server.api.signUp()).placeOrder();

      await rename(away, folder());
      await waitForNextBackup(folder());
      await server.stop();
      expect(await incompleteIn(folder())).toEqual([]);
    });

    it('are made at the start after one was missed', async () => {
      await mkdir(folder(), { recursive: true });
      await writeFile(join(folder(), 'orders-20200101T030000Z.auto.db'), 'old');
      const server = await start(NEVER);
      await waitUntil(async () => (await backupsIn(folder())).length === 2);
      expect(orderIdsIn((await backupsIn(folder())).at(-1)!)).toEqual([]);
      await server.stop();
    });

    it('are not mixed with those of another SQLite file of the same name', async () => {
      await (await start(NEVER)).stop();
      const DATABASE_PATH = join(fleet.folder, 'other', 'orders.db');
      const output = await failStart({ DATABASE_PATH, BACKUP_DIR: folder() });
      expect(output).toContain(
        `BACKUP_DIR: the directory has the backups of ${fleet.databaseEnvironment['DATABASE_PATH']!}`,
      );
    });

    it('are not made by default', async () => {
      const server = await fleet.start({ BACKUP_CRON: EVERY_SECOND });
      expect(JSON.parse(server.process.output[0]!)).toMatchObject({ backups: null });
      expect((await scrape(metricsUrlOfProcess(server))).has(METRIC)).toBe(false);
    });

    it('need a directory: the start fails with the name of the variable', async () => {
      const file = join(fleet.folder, 'file');
      await writeFile(file, '');
      for (const directory of [file, join(file, 'backups'), '/proc/backups']) {
        const output = await failStart({ BACKUP_DIR: directory });
        expect(output).toContain('The server could not start: BACKUP_DIR: ');
      }
    });
  });

  it('need a valid BACKUP_CRON', async () => {
    const output = await failStart({ BACKUP_CRON: '0 3 * * *' });
    expect(output).toMatch(/- BACKUP_CRON must be a cron expression of six fields/);
  });

  it('are not made of PostgreSQL, for which the start names pg_dump', async () => {
    const output = await failStart({
      DATABASE_URL: 'postgres://postgres:hidden@127.0.0.1:1/orders',
      BACKUP_DIR: folder(),
    });
    expect(output).toMatch(/- BACKUP_DIR must be unset with DATABASE_URL: .* pg_dump/);
    expect(output).not.toContain('hidden');
  });
});
