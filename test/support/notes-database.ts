import { Column, type DataSource, Entity, Index } from 'typeorm';
import { GeneratedIdColumn, InstantColumn } from '../../src/database/columns';
import { createDataSource } from '../../src/database/data-source';
import type { SingleConnectionSqliteDriver } from '../../src/database/sqlite/single-connection-sqlite-driver';

@Entity('notes')
export class Note {
  @GeneratedIdColumn()
  id: number;

  @Index({ unique: true })
  @Column('text')
  title: string;

  @InstantColumn({ name: 'written_at', nullable: true })
  writtenAt: Date | null;
}

/** An SQLite database with one table, for tests of the driver. */
export class NotesDatabase {
  private constructor(readonly dataSource: DataSource) {}

  static async open(path = ':memory:'): Promise<NotesDatabase> {
    const dataSource = createDataSource({
      type: 'better-sqlite3',
      database: path,
      timeout: 0,
      entities: [Note],
      synchronize: true,
    });
    return new NotesDatabase(await dataSource.initialize());
  }

  get driver(): SingleConnectionSqliteDriver {
    return this.dataSource.driver as SingleConnectionSqliteDriver;
  }

  async write(title: string): Promise<void> {
    await this.dataSource.getRepository(Note).insert({ title });
  }

  /** In the order in which they were written. */
  async titles(): Promise<string[]> {
    const notes = await this.dataSource.getRepository(Note).find({ order: { id: 'ASC' } });
    return notes.map(({ title }) => title);
  }

  /** Ends the open transaction as SQLite does when the disk is full. */
  rollBackInSqlite(): void {
    this.driver.databaseConnection.exec('ROLLBACK');
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}

/** @returns undefined when the work succeeds */
export function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
