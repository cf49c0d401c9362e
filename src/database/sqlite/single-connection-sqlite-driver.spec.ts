import { setTimeout as delay } from 'node:timers/promises';
import { Column, type DataSource, Entity, Index, PrimaryColumn } from 'typeorm';
import { GeneratedIdColumn, InstantColumn } from '../columns';
import { createDataSource } from '../data-source';
import { DatabaseBusyError, TransactionLostError, isUniqueViolation } from '../database.errors';
import { FifoGate } from './fifo-gate';
import { executeReturning } from '../returning';
import { SingleConnectionSqliteDriver } from './single-connection-sqlite-driver';

@Entity('notes')
class Note {
  @GeneratedIdColumn()
  id: number;

  @Index({ unique: true })
  @Column('text')
  text: string;

  @InstantColumn({ name: 'written_at', nullable: true })
  writtenAt: Date | null;
}

@Entity('children')
class Child {
  @PrimaryColumn('integer')
  id: number;
}

describe('SQLite as a pool of one', () => {
  let dataSource: DataSource;

  beforeEach(async () => {
    dataSource = await createDataSource({
      type: 'better-sqlite3',
      database: ':memory:',
      entities: [Note, Child],
      synchronize: true,
    }).initialize();
  });

  afterEach(() => dataSource.destroy());

  const write = (text: string) => dataSource.getRepository(Note).insert({ text });
  const texts = async () =>
    (await dataSource.getRepository(Note).find({ order: { id: 'ASC' } })).map(({ text }) => text);
  const connection = () => (dataSource.driver as SingleConnectionSqliteDriver).databaseConnection;

  it('fault 14: keeps an acknowledged write when another caller rolls back', async () => {
    const failing = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'rolled back' });
      await delay(5);
      throw new Error('changed my mind');
    });
    await Promise.all([expect(failing).rejects.toThrow('changed my mind'), write('acknowledged')]);
    expect(await texts()).toEqual(['acknowledged']);
  });

  it('runs 100 mixed callers at once: nothing lost, nothing left over', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 100 }, async (_, n) => {
        if (n % 4 === 0) return write(`single ${n}`);
        return dataSource.transaction(async (manager) => {
          await manager.insert(Note, { text: `first ${n}` });
          if (n % 4 === 1) await delay(1);
          if (n % 4 === 2) throw new Error('rolled back');
          return manager.insert(Note, { text: `second ${n}` });
        });
      }),
    );
    const expected = Array.from({ length: 100 }, (_, n) =>
      n % 4 === 0 ? [`single ${n}`] : n % 4 === 2 ? [] : [`first ${n}`, `second ${n}`],
    ).flat();
    expect(new Set(await texts())).toEqual(new Set(expected));
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(25);
  });

  it('hides an open transaction from other callers', async () => {
    let seen: string[] | undefined;
    await dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'committed later' });
      void texts().then((found) => (seen = found));
      await delay(5);
      expect(seen).toBeUndefined();
    });
    await delay(5);
    expect(seen).toEqual(['committed later']);
  });

  it('nests transactions by savepoints', async () => {
    await dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'outer' });
      const inner = manager.transaction(async (nested) => {
        await nested.insert(Note, { text: 'inner' });
        throw new Error('only the inner part');
      });
      await expect(inner).rejects.toThrow('only the inner part');
      await manager.insert(Note, { text: 'outer again' });
    });
    expect(await texts()).toEqual(['outer', 'outer again']);
  });

  it('frees the connection when a commit fails', async () => {
    await dataSource.query(
      'CREATE TABLE parents (id INTEGER PRIMARY KEY, child INTEGER REFERENCES children(id) DEFERRABLE INITIALLY DEFERRED)',
    );
    const orphan = dataSource.transaction((manager) =>
      manager.query('INSERT INTO parents (child) VALUES (4711)'),
    );
    await expect(orphan).rejects.toThrow('FOREIGN KEY constraint failed');
    expect(connection().inTransaction).toBe(false);
    await write('afterwards');
    expect(await texts()).toEqual(['afterwards']);
  });

  it('frees the connection when a runner is released inside a transaction', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.insert(Note, { text: 'abandoned' });
    await runner.release();
    expect(await texts()).toEqual([]);
    await expect(runner.query('SELECT 1')).rejects.toThrow(/released/);
  });

  it('rolls back what a raw BEGIN left open', async () => {
    await dataSource.query('BEGIN');
    await write('not inside a foreign transaction');
    expect(connection().inTransaction).toBe(false);
    expect(await texts()).toEqual(['not inside a foreign transaction']);
  });

  it('refuses to go on when SQLite has ended the transaction by itself', async () => {
    const work = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { text: 'lost' });
      connection().exec('ROLLBACK'); // as SQLite does when the disk is full
      await manager.insert(Note, { text: 'would be committed on its own' });
    });
    await expect(work).rejects.toThrow(TransactionLostError);
    expect(await texts()).toEqual([]);
  });

  it('does not let an outer transaction go on either', async () => {
    const work = dataSource.transaction(async (manager) => {
      const inner = manager.transaction(async () => connection().exec('ROLLBACK'));
      await expect(inner).rejects.toThrow(TransactionLostError);
      await manager.insert(Note, { text: 'would be committed on its own' });
    });
    await expect(work).rejects.toThrow(TransactionLostError);
    expect(await texts()).toEqual([]);
  });

  it('fault 15: reports a full disk, keeps nothing of the transaction, and recovers', async () => {
    const [{ page_count: pages }] = (await dataSource.query('PRAGMA page_count')) as [
      { page_count: number },
    ];
    await dataSource.query(`PRAGMA max_page_count = ${pages + 2}`);
    const filling = dataSource.transaction(async (manager) => {
      for (let n = 0; n < 100; n++) await manager.insert(Note, { text: `${n}`.padEnd(4_000) });
    });
    await expect(filling).rejects.toMatchObject({ driverError: { code: 'SQLITE_FULL' } });
    await dataSource.query('PRAGMA max_page_count = 1073741823');
    await write('room again');
    expect(await texts()).toEqual(['room again']);
  });

  it('gives up waiting, and tells why, when a transaction waits for a query outside of it', async () => {
    Object.assign(dataSource.driver, {
      gate: new FifoGate(20, () => new DatabaseBusyError(20)),
    });
    const deadlock = dataSource.transaction(() => write('outside of the transaction'));
    await expect(deadlock).rejects.toThrow(/manager of that transaction/);
    await write('afterwards');
    expect(await texts()).toEqual(['afterwards']);
  });

  it('recognises unique violations', async () => {
    await write('once');
    const error: unknown = await write('once').catch((caught: unknown) => caught);
    expect(isUniqueViolation(error)).toBe(true);
  });

  it('prepares a statement once for any ids and numbers', async () => {
    await write('a');
    await write('b');
    const { statements } = dataSource.driver as SingleConnectionSqliteDriver;
    await dataSource.getRepository(Note).findOneBy({ id: 1 });
    const prepared = statements.size;
    await dataSource.getRepository(Note).findOneBy({ id: 2 });
    expect(statements.size).toBe(prepared);
  });

  it('keeps instants to the millisecond, as text that sorts by time', async () => {
    const writtenAt = new Date('2026-01-31T12:00:00.005Z');
    await dataSource.getRepository(Note).insert({ text: 'dated', writtenAt });
    expect(
      await dataSource.query('SELECT written_at, typeof(written_at) AS type FROM notes'),
    ).toEqual([{ written_at: '2026-01-31T12:00:00.005Z', type: 'text' }]);
    expect(await dataSource.getRepository(Note).findOneBy({ writtenAt })).toMatchObject({
      writtenAt,
    });
  });

  it('answers an update with the rows as they are now', async () => {
    await write('before');
    const { manager } = dataSource;
    const update = manager
      .createQueryBuilder()
      .update(Note)
      .set({ text: 'after' })
      .where({ id: 1 });
    expect(await executeReturning(manager, Note, update)).toEqual([
      Object.assign(new Note(), { id: 1, text: 'after', writtenAt: null }),
    ]);
  });
});
