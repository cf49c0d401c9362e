import { copyFile, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type DataSource, Entity, PrimaryColumn } from 'typeorm';
import { createDataSource } from '../data-source';
import { DatabaseNotOpenError, isDatabaseUnavailable } from '../database.errors';
import type { SingleConnectionSqliteDriver } from './single-connection-sqlite-driver';

@Entity('notes')
class Note {
  @PrimaryColumn('integer')
  id: number;
}

describe('The SQLite connection', () => {
  let folder: string;
  let path: string;
  let dataSource: DataSource;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orders-sqlite-'));
    path = join(folder, 'orders.db');
    dataSource = await createDataSource({
      type: 'better-sqlite3',
      database: path,
      timeout: 0,
      statementCacheSize: 500,
      entities: [Note],
      synchronize: true,
    }).initialize();
  });

  afterEach(async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
    await rm(folder, { recursive: true });
  });

  const driver = () => dataSource.driver as SingleConnectionSqliteDriver;
  const write = (id: number) => dataSource.getRepository(Note).insert({ id });
  const ids = async () =>
    (await dataSource.getRepository(Note).find({ order: { id: 'ASC' } })).map(({ id }) => id);
  const errorOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  /** The rollback of a transaction that was left open fails. */
  async function breakConnection(): Promise<void> {
    jest.spyOn(driver().databaseConnection, 'exec').mockImplementationOnce(() => {
      throw new Error('disk I/O error');
    });
    await dataSource.query('BEGIN');
  }

  it('is replaced when it cannot be rolled back, and its prepared statements with it', async () => {
    await write(1);
    expect(await ids()).toEqual([1]);
    const broken = driver().databaseConnection;
    await breakConnection();
    await write(2);
    expect(await ids()).toEqual([1, 2]);
    expect(driver().databaseConnection).not.toBe(broken);
    expect(() => broken.exec('SELECT 1')).toThrow('not open');
  });

  it('fault 30: is opened by a later query when that fails at first', async () => {
    await write(1);
    await breakConnection();
    await rename(path, `${path}-away`);
    for (const refused of [write(2), ids(), dataSource.transaction(() => Promise.resolve())]) {
      const error = await errorOf(refused);
      expect(error).toBeInstanceOf(DatabaseNotOpenError);
      expect(isDatabaseUnavailable(error)).toBe(true);
    }
    expect(await readdir(folder)).toEqual(['orders.db-away']);
    await rename(`${path}-away`, path);
    await write(3);
    expect(await ids()).toEqual([1, 3]);
  });

  it('is not opened again after the data source was destroyed', async () => {
    await dataSource.destroy();
    await expect(ids()).rejects.toThrow('not open');
    await expect(errorOf(ids()).then(isDatabaseUnavailable)).resolves.toBe(true);
  });

  it('leaves everything in the one file when it is closed, while others have it open', async () => {
    await write(1);
    const other = new Database(path);
    other.pragma('user_version'); // keeps SQLite from doing so by itself
    await dataSource.destroy();
    const copy = join(folder, 'copy.db');
    await copyFile(path, copy);
    other.close();
    const copied = await createDataSource({
      type: 'better-sqlite3',
      database: copy,
    }).initialize();
    expect(await copied.query('SELECT id FROM notes')).toEqual([{ id: 1 }]);
    await copied.destroy();
  });

  it('logs when it cannot leave everything in the one file, because another process reads', async () => {
    const log = jest.spyOn(dataSource.logger, 'log');
    await write(1);
    const other = new Database(path);
    other.exec('BEGIN');
    other.exec('SELECT * FROM notes');
    await write(2);
    await dataSource.destroy();
    other.close();
    expect(log.mock.calls).toEqual([['warn', expect.stringContaining('-wal file')]]);
  });
});
