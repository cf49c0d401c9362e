import { setTimeout as delay } from 'node:timers/promises';
import { Note, NotesDatabase, errorOf } from '../../../test/support/notes-database';
import { isDatabaseUnavailable } from '../database.errors';
import { TransactionExpiredError, TransactionLostError } from './sqlite.errors';

describe('An SQLite transaction that holds the connection for too long', () => {
  let notes: NotesDatabase;
  const logged: string[] = [];

  beforeEach(async () => {
    notes = await NotesDatabase.open();
    Object.assign(notes.driver, { maxTransactionMs: 30 });
    logged.length = 0;
    jest
      .spyOn(notes.dataSource.logger, 'log')
      .mockImplementation((_level, message) => void logged.push(String(message)));
  });

  afterEach(() => notes.close());

  it('is rolled back, and one log line names its last statement', async () => {
    const stuck = notes.dataSource.transaction(async (manager) => {
      await manager.insert(Note, { title: 'rolled back' });
      await notes.write('other'); // waits for the transaction that waits for it
      await manager.insert(Note, { title: 'too late' });
    });
    const error = await errorOf(stuck);
    expect(error).toBeInstanceOf(TransactionExpiredError);
    expect(isDatabaseUnavailable(error)).toBe(true);
    expect(logged).toEqual([
      expect.stringMatching(/more than 30 ms.*manager of that transaction.*INSERT INTO "notes"/),
    ]);
    expect(await notes.titles()).toEqual(['other']);
  });

  it('accepts no more statements, nested transactions or commit', async () => {
    const runner = notes.dataSource.createQueryRunner();
    const insert = (title: string) => runner.manager.insert(Note, { title });
    await runner.startTransaction();
    await insert('rolled back');
    await notes.write('other');
    await expect(insert('too late')).rejects.toThrow(TransactionExpiredError);
    await expect(
      runner.manager.transaction((nested) => nested.insert(Note, { title: 'nested' })),
    ).rejects.toThrow(TransactionExpiredError);
    await expect(runner.commitTransaction()).rejects.toThrow(TransactionExpiredError);
    await runner.rollbackTransaction();
    expect(await notes.titles()).toEqual(['other']);

    await runner.startTransaction();
    await insert('next transaction');
    await runner.commitTransaction();
    await runner.release();
    expect(await notes.titles()).toEqual(['other', 'next transaction']);
  });

  it('is accepted when it is a migration', async () => {
    const runner = notes.dataSource.createQueryRunner();
    await runner.beforeMigration();
    await runner.startTransaction();
    await delay(60);
    await runner.manager.insert(Note, { title: 'migrated' });
    await runner.commitTransaction();
    await runner.afterMigration();
    await runner.release();
    expect(await notes.titles()).toEqual(['migrated']);
  });

  it('keeps the connection until a running statement ends, even after its release', async () => {
    const runner = notes.dataSource.createQueryRunner();
    await runner.startTransaction();
    notes.dataSource.subscribers.push({ beforeQuery: async () => delay(60) });
    const late = runner.query(`INSERT INTO notes (title) VALUES ('late')`);
    await delay(40);
    await runner.release();
    await late;
    notes.dataSource.subscribers.splice(0);
    expect(await notes.titles()).toEqual([]);
  });

  describe('that ends while a statement runs that was not awaited', () => {
    /** Lets statements that contain "late" wait until `go` is called. */
    function holdLate(): () => void {
      let go = (): void => undefined;
      const held = new Promise<void>((resolve) => (go = resolve));
      notes.dataSource.subscribers.push({
        beforeQuery: ({ query }) => (query.includes('late') ? held : undefined),
      });
      return go;
    }

    const insertLate = `INSERT INTO notes (title) VALUES ('late')`;

    it.each([
      ['commitTransaction', 'rollbackTransaction', ['late']],
      ['rollbackTransaction', 'commitTransaction', ['other']],
    ] as const)('executes it before the %s', async (end, endOther, kept) => {
      const go = holdLate();
      const runner = notes.dataSource.createQueryRunner();
      const other = notes.dataSource.createQueryRunner();
      await runner.startTransaction();
      const late = runner.query(insertLate);
      const ended = runner[end]();
      const otherBegun = other.startTransaction();
      await delay(5);
      go();
      await otherBegun;
      await other.manager.insert(Note, { title: 'other' });
      await Promise.all([late, ended]);
      await other[endOther]();
      await runner.release();
      await other.release();
      expect(await notes.titles()).toEqual(kept);
    });

    it('waits no longer than until it expires', async () => {
      const go = holdLate();
      const runner = notes.dataSource.createQueryRunner();
      await runner.startTransaction();
      const late = runner.query(insertLate);
      await expect(runner.commitTransaction()).rejects.toThrow(TransactionExpiredError);
      go();
      await late;
      await runner.release();
      expect(await notes.titles()).toEqual([]);
    });
  });

  it('does not go on when a nested transaction cannot begin', async () => {
    const work = notes.dataSource.transaction(async (manager) => {
      notes.rollBackInSqlite();
      const nested = manager.transaction((inner) => inner.insert(Note, { title: 'nested' }));
      await expect(nested).rejects.toThrow(TransactionLostError);
      await manager.insert(Note, { title: 'outer' });
    });
    await expect(work).rejects.toThrow(TransactionLostError);
    expect(await notes.titles()).toEqual([]);
  });
});
