import { setTimeout as delay } from 'node:timers/promises';
import { Note, NotesDatabase, errorOf } from '../../../test/support/notes-database';
import { Semaphore } from '../../common/semaphore';
import { isUniqueViolation } from '../database.errors';
import { executeReturning } from '../returning';
import { DatabaseBusyError, TransactionLostError } from './sqlite.errors';

describe('SQLite as a connection pool of size one', () => {
  let notes: NotesDatabase;

  beforeEach(async () => {
    notes = await NotesDatabase.open();
  });

  afterEach(() => notes.close());

  const isInTransaction = () => notes.driver.databaseConnection.inTransaction;

  it('fault 14: keeps an acknowledged write when another caller rolls back', async () => {
    const failing = notes.dataSource.transaction(async (manager) => {
      await manager.insert(Note, { title: 'rolled back' });
      await delay(5);
      throw new Error('rolled back');
    });
    await Promise.all([
      expect(failing).rejects.toThrow('rolled back'),
      notes.write('acknowledged'),
    ]);
    expect(await notes.titles()).toEqual(['acknowledged']);
  });

  it('serves 100 concurrent callers without losing a write or keeping one that was rolled back', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, async (_, n) => {
        if (n % 4 === 0) return notes.write(`single ${n}`);
        return notes.dataSource.transaction(async (manager) => {
          await manager.insert(Note, { title: `first ${n}` });
          if (n % 4 === 1) await delay(1);
          if (n % 4 === 2) throw new Error('rolled back');
          return manager.insert(Note, { title: `second ${n}` });
        });
      }),
    );
    const expected = Array.from({ length: 100 }, (_, n) =>
      n % 4 === 0 ? [`single ${n}`] : n % 4 === 2 ? [] : [`first ${n}`, `second ${n}`],
    ).flat();
    expect(new Set(await notes.titles())).toEqual(new Set(expected));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(25);
  });

  it('hides an open transaction from other callers', async () => {
    let seen: string[] | undefined;
    await notes.dataSource.transaction(async (manager) => {
      await manager.insert(Note, { title: 'committed later' });
      void notes.titles().then((found) => (seen = found));
      await delay(5);
      expect(seen).toBeUndefined();
    });
    await delay(5);
    expect(seen).toEqual(['committed later']);
  });

  it('nests transactions with savepoints', async () => {
    await notes.dataSource.transaction(async (manager) => {
      await manager.insert(Note, { title: 'outer' });
      const inner = manager.transaction(async (nested) => {
        await nested.insert(Note, { title: 'inner' });
        throw new Error('only the inner part');
      });
      await expect(inner).rejects.toThrow('only the inner part');
      await manager.insert(Note, { title: 'outer again' });
    });
    expect(await notes.titles()).toEqual(['outer', 'outer again']);
  });

  it('frees the connection when a commit fails', async () => {
    await notes.dataSource.query(
      'CREATE TABLE comments (note INTEGER REFERENCES notes(id) DEFERRABLE INITIALLY DEFERRED)',
    );
    const orphan = notes.dataSource.transaction((manager) =>
      manager.query('INSERT INTO comments (note) VALUES (4711)'),
    );
    await expect(orphan).rejects.toThrow('FOREIGN KEY constraint failed');
    expect(isInTransaction()).toBe(false);
    await notes.write('afterwards');
    expect(await notes.titles()).toEqual(['afterwards']);
  });

  it('frees the connection when a runner is released inside a transaction', async () => {
    const runner = notes.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.insert(Note, { title: 'abandoned' });
    await runner.release();
    expect(await notes.titles()).toEqual([]);
    await expect(runner.query('SELECT 1')).rejects.toThrow(/released/);
  });

  it('rolls back a transaction that a raw BEGIN left open', async () => {
    await notes.dataSource.query('BEGIN');
    await notes.write('outside of that transaction');
    expect(isInTransaction()).toBe(false);
    expect(await notes.titles()).toEqual(['outside of that transaction']);
  });

  it('rejects further statements after SQLite has ended the transaction by itself', async () => {
    const work = notes.dataSource.transaction(async (manager) => {
      await manager.insert(Note, { title: 'lost' });
      notes.rollBackInSqlite();
      await manager.insert(Note, { title: 'would be committed on its own' });
    });
    await expect(work).rejects.toThrow(TransactionLostError);
    expect(await notes.titles()).toEqual([]);
  });

  it('rejects further statements of the outer transaction as well', async () => {
    const work = notes.dataSource.transaction(async (manager) => {
      const inner = manager.transaction(async () => notes.rollBackInSqlite());
      await expect(inner).rejects.toThrow(TransactionLostError);
      await manager.insert(Note, { title: 'would be committed on its own' });
    });
    await expect(work).rejects.toThrow(TransactionLostError);
    expect(await notes.titles()).toEqual([]);
  });

  it('fault 15: reports a full disk, keeps no write of the transaction, and recovers', async () => {
    const [{ page_count: pages }] = (await notes.dataSource.query('PRAGMA page_count')) as [
      { page_count: number },
    ];
    await notes.dataSource.query(`PRAGMA max_page_count = ${pages + 2}`);
    const filling = notes.dataSource.transaction(async (manager) => {
      for (let n = 0; n < 100; n++) await manager.insert(Note, { title: `${n}`.padEnd(4_000) });
    });
    await expect(filling).rejects.toMatchObject({ driverError: { code: 'SQLITE_FULL' } });
    await notes.dataSource.query('PRAGMA max_page_count = 1073741823');
    await notes.write('room again');
    expect(await notes.titles()).toEqual(['room again']);
  });

  it('explains the cause when a transaction waits for a query outside of it', async () => {
    Object.assign(notes.driver.shared, {
      turns: new Semaphore(20, () => new DatabaseBusyError(20)),
    });
    const deadlock = notes.dataSource.transaction(() => notes.write('outside'));
    await expect(deadlock).rejects.toThrow(/manager of that transaction/);
    await notes.write('afterwards');
    expect(await notes.titles()).toEqual(['afterwards']);
  });

  it('recognizes unique violations', async () => {
    await notes.write('once');
    expect(isUniqueViolation(await errorOf(notes.write('once')))).toBe(true);
  });

  it('prepares one statement for all ids', async () => {
    await notes.write('a');
    await notes.write('b');
    const { statements } = notes.driver.shared;
    await notes.dataSource.getRepository(Note).findOneBy({ id: 1 });
    const prepared = statements.size;
    await notes.dataSource.getRepository(Note).findOneBy({ id: 2 });
    expect(statements.size).toBe(prepared);
  });

  it('stores instants with milliseconds, as text that sorts by time', async () => {
    const writtenAt = new Date('2026-01-31T12:00:00.005Z');
    const repository = notes.dataSource.getRepository(Note);
    await repository.insert({ title: 'dated', writtenAt });
    expect(
      await notes.dataSource.query('SELECT written_at, typeof(written_at) AS type FROM notes'),
    ).toEqual([{ written_at: '2026-01-31T12:00:00.005Z', type: 'text' }]);
    expect(await repository.findOneBy({ writtenAt })).toMatchObject({ writtenAt });
  });

  it('returns the rows of an update as they are now', async () => {
    await notes.write('before');
    const { manager } = notes.dataSource;
    const update = manager.createQueryBuilder(Note, 'note').update({ title: 'after' });
    expect(await executeReturning(manager, Note, update)).toEqual([
      Object.assign(new Note(), { id: 1, title: 'after', writtenAt: null }),
    ]);
  });
});
