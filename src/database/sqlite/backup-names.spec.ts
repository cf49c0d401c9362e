import { backupName, instantOfBackup } from './backup-names';

describe('the name of a backup', () => {
  const at = new Date('2026-01-31T03:00:05.999Z');

  it.each([
    ['orders.db', 'orders-20260131T030005Z.db'],
    ['/data/orders.db', 'orders-20260131T030005Z.db'],
    ['../orders.sqlite', 'orders.sqlite-20260131T030005Z.db'],
    ['a (1)+.db', 'a (1)+-20260131T030005Z.db'],
    ['orders-20260131T030005Z.db', 'orders-20260131T030005Z-20260131T030005Z.db'],
  ])('has the name of the file and the instant in UTC: %s', (database, name) => {
    expect(backupName(database, at)).toBe(name);
    expect(instantOfBackup(name, database)).toEqual(new Date('2026-01-31T03:00:05.000Z'));
  });

  it.each([
    'orders-20260131T030005Z.auto.db',
    'orders-20260131T030005Z.db.tmp',
    'orders-20260131T030005Z.db-wal',
    'orders-20260131T030005.db',
    'orders-20260230T030005Z.db',
    'orders-20261331T030005Z.db',
    'orders-20260131T250005Z.db',
    'orders--20260131T030005Z.db',
    'xorders-20260131T030005Z.db',
    'Orders-20260131T030005Z.db',
    'orders-2-20260131T030005Z.db',
    'orders-20260131T030005Z\n.db',
    'orders.db',
    '',
  ])('is not %j', (name) => {
    expect(instantOfBackup(name, 'orders.db')).toBeUndefined();
  });
});
