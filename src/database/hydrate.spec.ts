import { Column, type DataSource, Entity, PrimaryColumn } from 'typeorm';
import { InstantColumn } from './columns';
import { createDataSource } from './data-source';
import { columnsOf, hydrate } from './hydrate';

class Address {
  @Column('text')
  city: string;
}

@Entity('parcels')
class Parcel {
  @PrimaryColumn('integer')
  id: number;

  @Column('boolean', { name: 'is_fragile' })
  isFragile: boolean;

  @Column('text', { nullable: true, transformer: { to: String, from: (note) => note ?? 'none' } })
  note: string;

  @Column('text', { transformer: { to: String, from: Number } })
  weight: number;

  @InstantColumn({ name: 'sent_at' })
  sentAt: Date;

  @Column(() => Address)
  address: Address;
}

describe('hydrate', () => {
  let dataSource: DataSource;

  beforeAll(async () => {
    const source = createDataSource({
      type: 'better-sqlite3',
      database: ':memory:',
      entities: [Parcel],
      synchronize: true,
    });
    dataSource = await source.initialize();
  });

  afterAll(() => dataSource.destroy());

  it('reads all kinds of columns as TypeORM does', async () => {
    const { manager } = dataSource;
    const sentAt = new Date('2026-01-31T12:00:00.123Z');
    const address = { city: 'Paris' };
    const stored = { id: 1, isFragile: true, note: 'x', weight: 2, sentAt, address };
    await manager.insert(Parcel, stored);
    await manager.query('UPDATE parcels SET note = NULL');
    const rows = await manager.query(`SELECT ${columnsOf(manager, Parcel)} FROM parcels`);
    const [parcel] = hydrate(manager, Parcel, rows);
    expect(parcel).toBeInstanceOf(Parcel);
    expect(parcel).toEqual(await manager.findOneByOrFail(Parcel, { isFragile: true }));
    expect(parcel).toEqual({ ...stored, note: 'none' });
  });

  it('reads some of the columns', async () => {
    const { manager } = dataSource;
    const properties = ['id', 'isFragile'] as const;
    const columns = columnsOf(manager, Parcel, properties);
    expect(columns).toBe('"id", "is_fragile"');
    const rows = [{ id: 1, is_fragile: 0, weight: '2' }];
    expect(hydrate(manager, Parcel, rows, properties)).toEqual([{ id: 1, isFragile: false }]);
  });
});
