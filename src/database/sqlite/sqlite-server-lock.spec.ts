import { link, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseInUseError, DatabaseLinkedError, lockForServer } from './sqlite-server-lock';

describe('lockForServer', () => {
  let folder: string;
  let path: string;
  const releases: (() => void)[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orders-lock-'));
    path = join(folder, 'data', 'orders.db');
  });

  afterEach(async () => {
    for (const release of releases.splice(0)) release();
    await rm(folder, { recursive: true });
  });

  const lock = async (file: string, maxWaitMs = 20) => {
    const release = await lockForServer({ kind: 'sqlite', path: file }, maxWaitMs);
    releases.push(release);
    return release;
  };

  it('fault 30: accepts one server per file, by all paths to it', async () => {
    await lock(path);
    const link = join(folder, 'link.db');
    await symlink(path, link);
    for (const same of [path, link, relative('.', path)]) {
      await expect(lock(same)).rejects.toThrow(DatabaseInUseError);
      await expect(lock(same)).rejects.toThrow(`SQLite file ${path}, which belongs to one server`);
    }
    await lock(join(folder, 'other.db'));
  });

  it('rejects a file with a hard link, by each of its names', async () => {
    (await lock(path))();
    const other = join(folder, 'linked.db');
    await link(path, other);
    for (const name of [path, other]) {
      await expect(lock(name)).rejects.toThrow(DatabaseLinkedError);
      await expect(lock(name)).rejects.toThrow(`SQLite file ${name} has more than one name`);
    }
    await rm(other);
    await lock(path);
  });

  it('waits for a server that is stopping', async () => {
    const release = await lock(path);
    const next = lock(path, 5_000);
    await delay(50);
    release();
    await next;
    await expect(lock(path)).rejects.toThrow(DatabaseInUseError);
  });

  it('creates one empty file beside the database', async () => {
    await lock(path);
    expect(await readdir(join(folder, 'data'))).toEqual(['orders.db', 'orders.db.lock']);
  });

  it('is not needed for a database in memory, or on PostgreSQL', async () => {
    const url = 'postgres://127.0.0.1/orders';
    for (let server = 0; server < 2; server++) {
      await expect(lock(':memory:')).resolves.toBeInstanceOf(Function);
      await expect(lockForServer({ kind: 'postgres', url, poolSize: 1 })).resolves.toBeInstanceOf(
        Function,
      );
    }
  });
});
