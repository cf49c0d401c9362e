import { once } from 'node:events';
import { copyFile, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import Database from 'better-sqlite3';
import { leastOf } from '../../../test/support/least-of';
import { NotesDatabase, errorOf } from '../../../test/support/notes-database';
import { isDatabaseUnavailable } from '../database.errors';
import { DatabaseNotOpenError } from './sqlite.errors';

/** Reads in a transaction, which it ends 30 ms after it was told to. */
const READER = `
  const { parentPort, workerData } = require('node:worker_threads');
  const database = new (require('better-sqlite3'))(workerData);
  database.exec('BEGIN');
  database.exec('SELECT * FROM notes');
  parentPort.once('message', () => setTimeout(() => database.exec('COMMIT'), 30));
  parentPort.postMessage('reads');
`;

describe('The SQLite connection', () => {
  let folder: string;
  let path: string;
  let notes: NotesDatabase;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orders-sqlite-'));
    path = join(folder, 'orders.db');
    notes = await NotesDatabase.open(path);
  });

  afterEach(async () => {
    await notes.close();
    await rm(folder, { recursive: true });
  });

  /** Leaves a transaction open whose rollback fails. */
  async function breakConnection(): Promise<void> {
    jest.spyOn(notes.driver.databaseConnection, 'exec').mockImplementationOnce(() => {
      throw new Error('disk I/O error');
    });
    await notes.dataSource.query('BEGIN');
  }

  it('is replaced, with its prepared statements, when it cannot roll back', async () => {
    await notes.write('before');
    expect(await notes.titles()).toEqual(['before']);
    const broken = notes.driver.databaseConnection;
    await breakConnection();
    await notes.write('after');
    expect(await notes.titles()).toEqual(['before', 'after']);
    expect(notes.driver.databaseConnection).not.toBe(broken);
    expect(() => broken.exec('SELECT 1')).toThrow('not open');
  });

  it('fault 30: is opened by a later query when the first attempt fails', async () => {
    await notes.write('before');
    await breakConnection();
    await rename(path, `${path}-away`);
    const transaction = () => notes.dataSource.transaction(() => Promise.resolve());
    for (const rejected of [notes.write('rejected'), notes.titles(), transaction()]) {
      const error = await errorOf(rejected);
      expect(error).toBeInstanceOf(DatabaseNotOpenError);
      expect(isDatabaseUnavailable(error)).toBe(true);
    }
    expect(await readdir(folder)).toEqual(['orders.db-away']);
    await rename(`${path}-away`, path);
    await notes.write('after');
    expect(await notes.titles()).toEqual(['before', 'after']);
  });

  it('is not opened again after the data source was destroyed', async () => {
    await notes.close();
    await expect(notes.titles()).rejects.toThrow('not open');
    expect(isDatabaseUnavailable(await errorOf(notes.titles()))).toBe(true);
  });

  it('is closed with all rows in the one file, while other processes have it open', async () => {
    await notes.write('copied');
    const other = new Database(path);
    other.pragma('user_version'); // keeps SQLite from doing so by itself
    await notes.close();
    const copy = join(folder, 'copy.db');
    await copyFile(path, copy);
    other.close();
    const copied = await NotesDatabase.open(copy);
    expect(await copied.titles()).toEqual(['copied']);
    await copied.close();
  });

  it('waits until another process that reads has ended soon', async () => {
    /** @returns the number of warnings */
    const closeBesideReader = async () => {
      await notes.close();
      notes = await NotesDatabase.open(path);
      const log = jest.spyOn(notes.dataSource.logger, 'log');
      await notes.write('first');
      const reader = new Worker(READER, { eval: true, workerData: path });
      await once(reader, 'message');
      await notes.write('second');
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
      reader.postMessage('end soon');
      await notes.close();
      await reader.terminate();
      return log.mock.calls.length;
    };
    expect(await leastOf(1, closeBesideReader)).toBe(0);
  });

  it('logs a warning when another process that reads for longer prevents that', async () => {
    const log = jest.spyOn(notes.dataSource.logger, 'log');
    await notes.write('first');
    const other = new Database(path);
    other.exec('BEGIN');
    other.exec('SELECT * FROM notes');
    await notes.write('second');
    await notes.close();
    other.close();
    expect(log.mock.calls).toEqual([['warn', expect.stringContaining('-wal file')]]);
  });
});
