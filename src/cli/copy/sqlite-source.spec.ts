import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { SqliteSource } from './sqlite-source';

describe('SqliteSource', () => {
  let folder: string;
  let file: string;
  let source: SqliteSource | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sqlite-source-'));
    file = join(folder, 'orders.db');
    const database = new Database(file);
    database.exec(`
      PRAGMA journal_mode = WAL;
      CREATE TABLE migrations (name text);
      INSERT INTO migrations VALUES ('First1');
      CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, size bigint);
      INSERT INTO users VALUES (1, 5), (9, NULL);
      DELETE FROM users WHERE id = 9;
      CREATE TABLE notes (user_id bigint, sequence bigint, PRIMARY KEY (user_id, sequence));
      INSERT INTO notes VALUES (4, 2);
      CREATE TABLE words (word text);
      CREATE TABLE sizes (size bigint);
      INSERT INTO sizes VALUES (1), (9007199254740992);`);
    database.close();
    source = SqliteSource.open(file);
  });

  afterEach(async () => {
    source?.close();
    await rm(folder, { recursive: true });
  });

  it('keeps other programs from writing until it is closed, but not from reading', () => {
    const other = new Database(file, { timeout: 0 });
    try {
      expect(other.prepare('SELECT COUNT(*) AS count FROM users').all()).toEqual([{ count: 1 }]);
      expect(() => other.exec('INSERT INTO users DEFAULT VALUES')).toThrow('database is locked');
      source?.close();
      other.exec('INSERT INTO users DEFAULT VALUES');
    } finally {
      other.close();
    }
  });

  it('knows the last id that was assigned, the highest one without AUTOINCREMENT, or none', () => {
    expect(source?.lastId('users', 'id')).toBe(9n);
    expect(source?.lastId('notes', 'user_id')).toBe(4n);
    expect(source?.lastId('words', 'word')).toBe(0n);
  });

  it('reads the primary key', () => {
    expect(source?.primaryKey('notes')).toEqual(['user_id', 'sequence']);
    expect(source?.primaryKey('words')).toEqual([]);
  });

  it('reads integers as numbers, and rejects those that a number would change', () => {
    expect([...(source?.rows('users') ?? [])]).toEqual([{ id: 1, size: 5 }]);
    source?.close();
    const database = new Database(file);
    database.exec('UPDATE users SET size = -9007199254740992');
    database.close();
    source = SqliteSource.open(file);
    expect(() => [...(source?.rows('users') ?? [])]).toThrow(
      'users.size is -9007199254740992 in the row with id 1: only integers between -2^53 and 2^53',
    );
    expect(() => [...(source?.rows('sizes') ?? [])]).toThrow(
      'sizes.size is 9007199254740992 in the row with position 2: only integers between -2^53 and 2^53',
    );
    // The statement has ended, so that others can follow.
    expect(source.lastId('users', 'id')).toBe(9n);
  });
});
