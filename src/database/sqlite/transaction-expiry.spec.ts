import { setTimeout as delay } from 'node:timers/promises';
import { type DataSource, Entity, PrimaryColumn } from 'typeorm';
import { createDataSource } from '../data-source';
import {
  TransactionExpiredError,
  TransactionLostError,
  isDatabaseUnavailable,
} from '../database.errors';
import type { SingleConnectionSqliteDriver } from './single-connection-sqlite-driver';

@Entity('notes')
class Note {
  @PrimaryColumn('integer')
  id: number;
}

describe('A transaction on SQLite that waits for something else', () => {
  let dataSource: DataSource;
  const logged: string[] = [];

  beforeEach(async () => {
    dataSource = await createDataSource({
      type: 'better-sqlite3',
      database: ':memory:',
      entities: [Note],
      synchronize: true,
    }).initialize();
    Object.assign(dataSource.driver, { maxTransactionMs: 30 });
    logged.length = 0;
    jest
      .spyOn(dataSource.logger, 'log')
      .mockImplementation((_level, message) => void logged.push(String(message)));
  });

  afterEach(() => dataSource.destroy());

  const write = (id: number) => dataSource.getRepository(Note).insert({ id });
  const ids = async () =>
    (await dataSource.getRepository(Note).find({ order: { id: 'ASC' } })).map(({ id }) => id);

  it('is rolled back after the maximum hold, and the log names it', async () => {
    const stuck = dataSource.transaction(async (manager) => {
      await manager.insert(Note, { id: 1 });
      await write(2); // waits for the transaction that waits for it
      await manager.insert(Note, { id: 3 });
    });
    const error: unknown = await stuck.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(TransactionExpiredError);
    expect(isDatabaseUnavailable(error)).toBe(true);
    expect(logged.filter((line) => line.includes('more than 30 ms'))).toEqual([
      expect.stringMatching(/manager of that transaction.*INSERT INTO "notes"/),
    ]);
    expect(await ids()).toEqual([2]);
  });

  it('can do nothing more, nested transactions and the commit included', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    await runner.manager.insert(Note, { id: 1 });
    await write(2);
    await expect(runner.manager.insert(Note, { id: 3 })).rejects.toThrow(TransactionExpiredError);
    await expect(
      runner.manager.transaction((nested) => nested.insert(Note, { id: 4 })),
    ).rejects.toThrow(TransactionExpiredError);
    await expect(runner.commitTransaction()).rejects.toThrow(TransactionExpiredError);
    await runner.rollbackTransaction();
    expect(await ids()).toEqual([2]);

    await runner.startTransaction();
    await runner.manager.insert(Note, { id: 5 });
    await runner.commitTransaction();
    await runner.release();
    expect(await ids()).toEqual([2, 5]);
  });

  it('may be a migration', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.beforeMigration();
    await runner.startTransaction();
    await delay(60);
    await runner.manager.insert(Note, { id: 1 });
    await runner.commitTransaction();
    await runner.afterMigration();
    await runner.release();
    expect(await ids()).toEqual([1]);
  });

  it('keeps the connection for a statement that has begun, even when it is released', async () => {
    const runner = dataSource.createQueryRunner();
    await runner.startTransaction();
    dataSource.subscribers.push({ beforeQuery: async () => delay(60) });
    const late = runner.query('INSERT INTO notes (id) VALUES (1)');
    await delay(40);
    await runner.release();
    await late;
    dataSource.subscribers.splice(0);
    expect(await ids()).toEqual([]);
  });

  it('is not continued when a nested one cannot begin', async () => {
    const { databaseConnection } = dataSource.driver as SingleConnectionSqliteDriver;
    const work = dataSource.transaction(async (manager) => {
      databaseConnection.exec('ROLLBACK'); // as SQLite does when the disk is full
      const nested = manager.transaction((inner) => inner.insert(Note, { id: 1 }));
      await expect(nested).rejects.toThrow(TransactionLostError);
      await manager.insert(Note, { id: 2 });
    });
    await expect(work).rejects.toThrow(TransactionLostError);
    expect(await ids()).toEqual([]);
  });
});
