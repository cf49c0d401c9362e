import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupFolder } from './backup-folder';
import { BackupDirectoryError } from './backups.errors';

const DAY_MS = 86_400_000;

describe('BackupFolder', () => {
  let path: string;
  let folder: BackupFolder;
  const now = new Date('2026-01-31T03:00:00.000Z');

  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'backups-'));
    folder = new BackupFolder(path, '/data/orders.db');
  });

  afterEach(() => rm(path, { recursive: true }));

  const write = async (...names: string[]) => {
    for (const name of names) await writeFile(join(path, name), name);
    return names;
  };
  const names = async () => (await readdir(path)).toSorted();
  /** The names of the backups of these numbers of days ago. */
  const backups = (...days: number[]) =>
    days.map((day) => {
      const date = new Date(now.getTime() - day * DAY_MS).toISOString().slice(0, 10);
      return `orders-${date.replaceAll('-', '')}T030000Z.auto.db`;
    });

  /** Files that resemble a backup, or a copy of one. */
  const OTHERS = [
    'orders-20250101T030000Z.db',
    'orders-20250101T030000Z.auto.db.bak',
    'orders-20250101T030000.auto.db',
    'orders-20259901T030000Z.auto.db',
    'stock-20250101T030000Z.auto.db',
    'orders-20250101T030000Z.auto.db.tmp',
    'orders-20250101T030000Z.db.6c84fb90-12c4-11e1-840d-7b25c5ee775a.tmp',
    'stock-20250101T030000Z.auto.db.6c84fb90-12c4-11e1-840d-7b25c5ee775a.tmp',
    'orders-20250101T030000Z.auto.db.6c84fb90-12c4-11e1-840d-7b25c5ee775a.tmp.gz',
    'orders.db',
    'notes.txt',
  ];

  it('keeps the newest seven backups, and all other files', async () => {
    await write(...backups(0, 1, 2, 3, 4, 5, 6, 7, 8, 400), ...OTHERS);
    expect(await folder.deleteOld(now)).toBe(3);
    expect(await names()).toEqual([...backups(0, 1, 2, 3, 4, 5, 6), ...OTHERS].toSorted());
    expect(await folder.deleteOld(now)).toBe(0);
  });

  it('counts no backups of the future, which were made while the clock was wrong', async () => {
    const future = await write(...backups(-1, -2, -3, -4, -5, -6, -700));
    await write(...backups(0, 1, 2));
    expect(await folder.deleteOld(now)).toBe(0);
    expect(await names()).toEqual([...future, ...backups(0, 1, 2)].toSorted());
    expect(await folder.newest(now)).toEqual(now);
  });

  it('counts no folders and links with the name of a backup', async () => {
    await mkdir(join(path, backups(1)[0]!));
    await symlink(join(path, 'nowhere'), join(path, backups(2)[0]!));
    expect(await folder.newest(now)).toBeUndefined();
    await write(...backups(3, 4, 5, 6, 7, 8, 9, 10));
    expect(await folder.deleteOld(now)).toBe(1);
    expect(await names()).toEqual(backups(1, 2, 3, 4, 5, 6, 7, 8, 9).toSorted());
  });

  it('neither counts nor keeps empty files, which a kill can leave where there are no hard links', async () => {
    await write(...backups(1, 2, 3, 4, 5, 6, 7, 8));
    for (const name of backups(0, 9, -1)) await writeFile(join(path, name), '');
    await writeFile(join(path, OTHERS[0]!), '');
    expect(await folder.newest(now)).toEqual(new Date(now.getTime() - DAY_MS));
    expect(await folder.deleteOld(now)).toBe(1);
    expect(await folder.deleteIncomplete()).toBe(3);
    expect(await names()).toEqual([...backups(1, 2, 3, 4, 5, 6, 7), OTHERS[0]!].toSorted());
  });

  it('belongs to one SQLite file, which its owner file names', async () => {
    await folder.prepare();
    await folder.prepare();
    const marker = join(path, 'orders.owner');
    expect(await readFile(marker, 'utf8')).toBe('/data/orders.db');
    const other = new BackupFolder(path, '/other/orders.db');
    await expect(other.prepare()).rejects.toThrow(BackupDirectoryError);
    await expect(other.prepare()).rejects.toThrow(
      `BACKUP_DIR: the directory has the backups of /data/orders.db. Set another directory, or delete ${marker}`,
    );
    await new BackupFolder(path, '/other/stock.db').prepare();
    await folder.prepare();
    await rm(marker);
    await other.prepare();
    await expect(folder.prepare()).rejects.toThrow('/other/orders.db');
  });

  it('can be claimed after its owner file was left empty', async () => {
    await writeFile(join(path, 'orders.owner'), '');
    await folder.prepare();
    await expect(new BackupFolder(path, '/other/orders.db').prepare()).rejects.toThrow(
      'orders.owner',
    );
  });

  it('has no newest backup while it is empty', async () => {
    expect(await folder.newest(now)).toBeUndefined();
  });

  it('deletes incomplete copies of its backups, and no other files', async () => {
    const kept = await write(...backups(0, 1), ...OTHERS);
    const copy = `${backups(0)[0]!}.6c84fb90-12c4-11e1-840d-7b25c5ee775a.tmp`;
    await write(copy, `${copy}-journal`, `${copy}-wal`, `${copy}-shm`);
    expect(await folder.deleteIncomplete()).toBe(4);
    expect(await names()).toEqual(kept.toSorted());
  });

  it('reports that it is gone', async () => {
    await rm(path, { recursive: true });
    await expect(folder.deleteIncomplete()).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(folder.deleteOld(now)).rejects.toMatchObject({ code: 'ENOENT' });
    await mkdir(path);
  });

  it('creates its directory, and names the variable when it cannot', async () => {
    const missing = new BackupFolder(join(path, 'new', 'backups'), 'orders.db');
    await missing.prepare();
    await missing.prepare();
    for (const created of ['new', 'new/backups']) {
      expect((await stat(join(path, created))).mode & 0o777).toBe(0o700);
    }
    expect(await missing.deleteOld(now)).toBe(0);
    await write('file');
    await symlink(join(path, 'nowhere'), join(path, 'link'));
    const paths = ['file', 'file/backups', 'link', 'link/backups'].map((name) => join(path, name));
    for (const impossible of [...paths, '/proc/new/backups']) {
      const preparing = new BackupFolder(impossible, 'orders.db').prepare();
      await expect(preparing).rejects.toThrow(BackupDirectoryError);
      await expect(preparing).rejects.toThrow(/^BACKUP_DIR: /);
    }
  });

  it('has a path for each backup', () => {
    expect(folder.pathOf(now)).toBe(join(path, backups(0)[0]!));
  });
});
