import { setTimeout as delay } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import { Note, NotesDatabase, errorOf } from '../../../test/support/notes-database';
import { Transactions } from '../transactions';
import { isDatabaseUnavailable } from '../database.errors';
import { DatabaseBusyError, TransactionExpiredError, TransactionLostError } from './sqlite.errors';

describe('SQLite transactions of one pass of the event loop', () => {
  let notes: NotesDatabase;
  let transactions: Transactions;
  let statements: string[];
  let ended: string[];
  let now: number;

  beforeEach(async () => {
    notes = await NotesDatabase.open();
    transactions = new Transactions(notes.dataSource);
    statements = [];
    ended = [];
    const { shared } = notes.driver;
    const execute = shared.execute.bind(shared);
    jest.spyOn(shared, 'execute').mockImplementation((sql) => {
      statements.push(sql);
      execute(sql);
      if (sql === 'COMMIT') ended.push('COMMIT');
    });
    jest.spyOn(notes.dataSource.logger, 'log').mockImplementation();
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now); // a group does not end because of its age
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await notes.close();
  });

  /**
   * Runs the work in a transaction, which joins the open group.
   * @returns when the work has ended; `end` is that of the transaction
   */
  async function begin(
    name: string,
    work: (manager: EntityManager) => Promise<unknown> = (manager) =>
      manager.insert(Note, { title: name }),
  ): Promise<{ readonly end: Promise<unknown> }> {
    let end: Promise<unknown> = Promise.resolve();
    const hasRun = new Promise<void>((resolve) => {
      end = transactions.run(({ manager }) => work(manager).finally(resolve));
    });
    const noted = end.finally(() => ended.push(name));
    noted.catch(() => undefined);
    await hasRun;
    return { end: noted };
  }

  const fail = (message: string) => async (manager: EntityManager) => {
    await manager.insert(Note, { title: message });
    throw new Error(message);
  };

  const fillDisk = async (manager: EntityManager) => {
    const [{ page_count: pages }] =
      await manager.query<[{ page_count: number }]>('PRAGMA page_count');
    await manager.query(`PRAGMA max_page_count = ${pages}`);
    for (let n = 0; n < 100; n++) await manager.insert(Note, { title: `${n}`.padEnd(4_000) });
  };

  const makeRoom = () => notes.dataSource.query('PRAGMA max_page_count = 1073741823');

  it('are committed by one COMMIT, before any of them ends', async () => {
    const begun = [await begin('a'), await begin('b'), await begin('c')];
    await Promise.all(begun.map(({ end }) => end));
    expect(statements.filter((sql) => /BEGIN|COMMIT/.test(sql))).toEqual([
      'BEGIN IMMEDIATE',
      'COMMIT',
    ]);
    expect(ended).toEqual(['COMMIT', 'a', 'b', 'c']);
    expect(await notes.titles()).toEqual(['a', 'b', 'c']);
  });

  it('leave the others alone when they fail', async () => {
    const a = await begin('a');
    const b = await begin('b', fail('b failed'));
    const c = await begin('c');
    await expect(b.end).rejects.toThrow('b failed');
    await Promise.all([a.end, c.end]);
    expect(ended[0]).toBe('COMMIT'); // an error can depend on what others have written
    expect(await notes.titles()).toEqual(['a', 'c']);
  });

  it('begin another group after the first one of a group has failed', async () => {
    const a = await begin('a', fail('a failed'));
    await expect(a.end).rejects.toThrow('a failed');
    const b = await begin('b');
    await b.end;
    expect(await notes.titles()).toEqual(['b']);
  });

  it('are seen by other callers only after the COMMIT', async () => {
    const a = await begin('a');
    const seen = notes.titles().then((titles) => ended.push(`seen ${titles.join()}`));
    const b = await begin('b');
    await Promise.all([a.end, b.end, seen]);
    expect(ended).toEqual(['COMMIT', 'a', 'b', 'seen a,b']);
  });

  it('fault 15: are all rejected when the disk is full during one of them', async () => {
    const a = await begin('a');
    const b = await begin('b', fillDisk);
    await expect(b.end).rejects.toMatchObject({ driverError: { code: 'SQLITE_FULL' } });
    const error = await errorOf(a.end);
    expect(error).toBeInstanceOf(TransactionLostError);
    expect(isDatabaseUnavailable(error)).toBe(true);
    await makeRoom();
    const c = await begin('c');
    await c.end;
    expect(await notes.titles()).toEqual(['c']);
  });

  it('fault 15: are all rejected when their COMMIT fails, and so are errors that depend on them', async () => {
    const a = await begin('a');
    const b = await begin('b', fail('a exists'));
    jest.spyOn(notes.driver.shared, 'execute').mockImplementationOnce(() => {
      throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
    });
    const errors = await Promise.all([errorOf(a.end), errorOf(b.end)]);
    expect(errors[0]).toMatchObject({ code: 'SQLITE_IOERR_FSYNC' });
    expect(errors[1]).toBeInstanceOf(TransactionLostError);
    expect(errors.map(isDatabaseUnavailable)).toEqual([true, true]);
    expect(await notes.titles()).toEqual([]);
    await notes.write('afterwards');
    expect(await notes.titles()).toEqual(['afterwards']);
  });

  it('are committed although another one of the group expires', async () => {
    Object.assign(notes.driver, { maxTransactionMs: 30 });
    const a = await begin('a');
    const stuck = transactions.run(async ({ manager }) => {
      await manager.insert(Note, { title: 'stuck' });
      await delay(60);
      await manager.insert(Note, { title: 'too late' });
    });
    await expect(stuck).rejects.toThrow(TransactionExpiredError);
    await a.end;
    expect(await notes.titles()).toEqual(['a']);
  });

  it('accept no statement after their COMMIT has failed', async () => {
    const runner = notes.dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.insert(Note, { title: 'lost' });
    jest.spyOn(notes.driver.shared, 'execute').mockImplementationOnce(() => {
      throw new Error('disk I/O error');
    });
    await expect(runner.commitTransaction()).rejects.toThrow('disk I/O error');
    const other = await begin('other');
    await expect(runner.manager.insert(Note, { title: 'late' })).rejects.toThrow(
      TransactionLostError,
    );
    await runner.rollbackTransaction();
    await runner.release();
    await other.end;
    expect(await notes.titles()).toEqual(['other']);
  });

  const count = (statement: string) => statements.filter((sql) => sql === statement).length;

  it('are committed in groups of bounded size, in order of arrival', async () => {
    let goOn = (): void => undefined;
    const slow = transactions.run(() => new Promise<void>((resolve) => (goOn = resolve)));
    const begun = Array.from({ length: 150 }, (_, n) => begin(`${n}`));
    await delay(5);
    const newcomer = begin('newcomer');
    goOn();
    const ends = (await Promise.all([...begun, newcomer])).map(({ end }) => end);
    await Promise.all([slow, ...ends]);
    expect(count('COMMIT')).toBe(2);
    const inOrder = Array.from({ length: 150 }, (_, n) => `${n}`);
    expect(await notes.titles()).toEqual([...inOrder, 'newcomer']);
  });

  it('do not join a group that is older than 25 ms', async () => {
    const a = await begin('a');
    now = 25;
    const b = await begin('b');
    await Promise.all([a.end, b.end]);
    expect(count('COMMIT')).toBe(2);
  });

  it('wait together for the connection, and let a read pass after each group', async () => {
    const release = await notes.driver.shared.acquire();
    const begun = Array.from({ length: 300 }, (_, n) => begin(`${n}`));
    await delay(5);
    const read = notes.titles();
    release();
    expect(await read).toHaveLength(100);
    await Promise.all((await Promise.all(begun)).map(({ end }) => end));
    expect(count('COMMIT')).toBe(3);
    expect(await notes.titles()).toEqual(Array.from({ length: 300 }, (_, n) => `${n}`));
  });

  it('wait for 5 s at most, including the wait for those before them', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'performance'] });
    const advance = (ms: number) => {
      now += ms;
      return jest.advanceTimersByTimeAsync(ms);
    };
    try {
      const release = await notes.driver.shared.acquire();
      const errors: unknown[] = [];
      const wait = () =>
        errorOf(transactions.run(() => Promise.resolve())).then((e) => errors.push(e));
      const waiting = [wait()];
      await advance(0); // it waits
      await advance(2_000);
      waiting.push(wait());
      await advance(3_000);
      expect(errors).toEqual([expect.any(DatabaseBusyError)]);
      await advance(2_000);
      expect(errors).toEqual([expect.any(DatabaseBusyError), expect.any(DatabaseBusyError)]);
      await Promise.all(waiting);
      release();
    } finally {
      jest.useRealTimers();
    }
  });

  it('do not join a migration', async () => {
    const runner = notes.dataSource.createQueryRunner();
    await runner.beforeMigration();
    statements = [];
    const migration = runner.startTransaction();
    const others: Promise<unknown>[] = [];
    for (let n = 0; n < 30; n++) {
      others.push(transactions.run(({ manager }) => manager.insert(Note, { title: `${n}` })));
      await Promise.resolve(); // there is no moment at which one joins
    }
    await migration;
    await delay(5);
    await runner.commitTransaction();
    await runner.afterMigration();
    await runner.release();
    await Promise.all(others);
    expect(statements.slice(0, 3)).toEqual(['BEGIN IMMEDIATE', 'COMMIT', 'BEGIN IMMEDIATE']);
    expect(await notes.titles()).toHaveLength(30);
  });

  it('are committed before a migration begins', async () => {
    const a = await begin('a');
    const runner = notes.dataSource.createQueryRunner();
    await runner.beforeMigration();
    await runner.startTransaction();
    await a.end;
    await runner.rollbackTransaction();
    await runner.afterMigration();
    await runner.release();
    expect(count('BEGIN IMMEDIATE')).toBe(2);
    expect(await notes.titles()).toEqual(['a']);
  });
});
