import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { Note, NotesDatabase, errorOf } from '../../../test/support/notes-database';
import { isDatabaseUnavailable } from '../database.errors';
import { MAX_LOCK_WAIT_MS } from './retry-while-locked';
import { DatabaseLockedError } from './sqlite.errors';

describe('An SQLite file that another process has locked', () => {
  let folder: string;
  let path: string;
  let notes: NotesDatabase;
  const others: Database[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orders-sqlite-'));
    path = join(folder, 'orders.db');
    notes = await NotesDatabase.open(path);
  });

  afterEach(async () => {
    for (const other of others.splice(0)) other.close();
    await notes.close();
    await rm(folder, { recursive: true });
  });

  const writeInTransaction = (title: string) =>
    notes.dataSource.transaction((manager) => manager.insert(Note, { title }));

  /** To SQLite a second connection is the same as another process. */
  function openElsewhere(file = path): Database {
    const other = new Database(file, { timeout: 0 });
    others.push(other);
    return other;
  }

  it('fault 30: does not block the event loop, and can be read meanwhile', async () => {
    const other = openElsewhere();
    other.exec('BEGIN EXCLUSIVE');
    const writes = Promise.all([notes.write('a'), writeInTransaction('b')]);
    const turnsMs: number[] = [];
    for (let turn = 0; turn < 10; turn++) {
      const before = performance.now();
      expect(await notes.titles()).toEqual([]);
      await delay(5);
      turnsMs.push(performance.now() - before);
    }
    // A busy timeout of SQLite would block all of them, for longer; what else runs on the machine delays some.
    expect(Math.min(...turnsMs)).toBeLessThan(500);
    other.exec('ROLLBACK');
    await writes;
    expect((await notes.titles()).toSorted()).toEqual(['a', 'b']);
  });

  it('fault 30: rejects writes after a while, and accepts them when the lock is released', async () => {
    const other = openElsewhere();
    other.exec('BEGIN EXCLUSIVE');
    const before = performance.now();
    const errors = await Promise.all([
      errorOf(notes.write('rejected')),
      errorOf(writeInTransaction('rejected')),
    ]);
    expect(performance.now() - before).toBeLessThan(MAX_LOCK_WAIT_MS + 5_000);
    for (const error of errors) {
      expect(error).toBeInstanceOf(DatabaseLockedError);
      expect(isDatabaseUnavailable(error)).toBe(true);
    }
    other.exec('ROLLBACK');
    await notes.write('accepted');
    expect(await notes.titles()).toEqual(['accepted']);
  });

  it('is opened when the lock is released', async () => {
    const rollbackMode = join(folder, 'other.db');
    const other = openElsewhere(rollbackMode);
    other.exec('CREATE TABLE other (id INTEGER PRIMARY KEY)');
    other.exec('BEGIN EXCLUSIVE');
    const opening = NotesDatabase.open(rollbackMode);
    await delay(30);
    other.exec('ROLLBACK');
    const opened = await opening;
    const mode = await opened.dataSource.query('PRAGMA journal_mode');
    expect(mode).toEqual([{ journal_mode: 'wal' }]);
    await opened.close();
  });

  it('is locked for other processes from the beginning of a transaction', async () => {
    const other = openElsewhere();
    await notes.dataSource.transaction(async (manager) => {
      expect(await manager.find(Note)).toEqual([]);
      expect(() => other.exec(`INSERT INTO notes (title) VALUES ('other')`)).toThrow('locked');
      await manager.insert(Note, { title: 'own' });
    });
    expect(await notes.titles()).toEqual(['own']);
  });
});
