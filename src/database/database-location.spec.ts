import { resolve } from 'node:path';
import { databaseLocation } from './database-location';

describe('databaseLocation', () => {
  it('is the absolute path of an SQLite file', () => {
    expect(databaseLocation({ kind: 'sqlite', path: 'orders.db' })).toBe(
      `SQLite file ${resolve('orders.db')}`,
    );
  });

  it('is no path for SQLite in memory', () => {
    expect(databaseLocation({ kind: 'sqlite', path: ':memory:' })).toBe('SQLite in memory');
  });

  it.each([
    ['postgres://user:secret@db.example/orders', 'PostgreSQL at db.example:5432/orders'],
    ['postgres://user:secret@/orders?host=/run/pg', 'PostgreSQL at /run/pg:5432/orders'],
    ['postgres://user:secret@[::1]:6543/orders', 'PostgreSQL at [::1]:6543/orders'],
    ['secret', 'PostgreSQL at an address that is not a valid URL'],
  ])('contains neither user nor password of %s', (url, location) => {
    expect(databaseLocation({ kind: 'postgres', url, poolSize: 1 })).toBe(location);
  });
});
