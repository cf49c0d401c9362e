import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { type DataSource, Entity, PrimaryColumn } from 'typeorm';
import { createDataSource } from '../data-source';
import { DatabaseLockedError, isDatabaseUnavailable } from '../database.errors';
import { MAX_LOCK_WAIT_MS } from './retry-while-locked';

@Entity('notes')
class Note {
  @PrimaryColumn('integer')
  id: number;
}

describe('An SQLite file that another process has locked', () => {
  let folder: string;
  let path: string;
  let dataSource: DataSource;
  const others: Database[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orders-sqlite-'));
    path = join(folder, 'orders.db');
    dataSource = await createDataSource({
      type: 'better-sqlite3',
      database: path,
      timeout: 0,
      entities: [Note],
      synchronize: true,
    }).initialize();
  });

  afterEach(async () => {
    for (const other of others.splice(0)) other.close();
    await dataSource.destroy();
    await rm(folder, { recursive: true });
  });

  const write = (id: number) => dataSource.getRepository(Note).insert({ id });
  const ids = async () =>
    (await dataSource.getRepository(Note).find({ order: { id: 'ASC' } })).map(({ id }) => id);
  const errorOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => undefined,
      (error: unknown) => error,
    );

  /** A connection of its own counts like that of another process. */
  function openElsewhere(file = path): Database {
    const other = new Database(file, { timeout: 0 });
    others.push(other);
    return other;
  }

  it('fault 30: is waited for without blocking the event loop, and can be read meanwhile', async () => {
    const other = openElsewhere();
    other.exec('BEGIN EXCLUSIVE');
    const writes = Promise.all([
      write(1),
      dataSource.transaction((manager) => manager.insert(Note, { id: 2 })),
    ]);
    for (let turn = 0; turn < 20; turn++) {
      const before = performance.now();
      expect(await ids()).toEqual([]);
      await delay(5);
      expect(performance.now() - before).toBeLessThan(500);
    }
    other.exec('ROLLBACK');
    await writes;
    expect(await ids()).toEqual([1, 2]);
  });

  it('fault 30: makes writes fail after a while, and works when the lock is gone', async () => {
    const other = openElsewhere();
    other.exec('BEGIN EXCLUSIVE');
    const before = performance.now();
    const errors = await Promise.all([
      errorOf(write(1)),
      errorOf(dataSource.transaction((manager) => manager.insert(Note, { id: 2 }))),
    ]);
    expect(performance.now() - before).toBeLessThan(MAX_LOCK_WAIT_MS + 1_000);
    for (const error of errors) {
      expect(error).toBeInstanceOf(DatabaseLockedError);
      expect(isDatabaseUnavailable(error)).toBe(true);
    }
    other.exec('ROLLBACK');
    await write(3);
    expect(await ids()).toEqual([3]);
  });

  it('is opened when the lock is gone', async () => {
    const rollbackMode = join(folder, 'other.db');
    const other = openElsewhere(rollbackMode);
    other.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY)');
    other.exec('BEGIN EXCLUSIVE');
    const opening = createDataSource({
      type: 'better-sqlite3',
      database: rollbackMode,
      timeout: 0,
    }).initialize();
    await delay(30);
    other.exec('ROLLBACK');
    const opened = await opening;
    expect(await opened.query('PRAGMA journal_mode')).toEqual([{ journal_mode: 'wal' }]);
    await opened.destroy();
  });

  it('is locked for others from the beginning of a transaction', async () => {
    const other = openElsewhere();
    await dataSource.transaction(async (manager) => {
      expect(await manager.find(Note)).toEqual([]);
      expect(() => other.exec('INSERT INTO notes (id) VALUES (1)')).toThrow('locked');
      await manager.insert(Note, { id: 2 });
    });
    expect(await ids()).toEqual([2]);
  });
});
