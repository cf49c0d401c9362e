import { resolve } from 'node:path';
import { databaseLocation } from './database-location';

describe('databaseLocation', () => {
  it.each([
    ['orders.db', `SQLite file ${resolve('orders.db')}`],
    ['/data/orders.db', 'SQLite file /data/orders.db'],
    [':memory:', 'SQLite in memory'],
  ])('describes the SQLite database %s', (path, location) => {
    expect(databaseLocation({ kind: 'sqlite', path })).toBe(location);
  });

  it.each([
    ['postgres://user:password@db.example.com/orders', 'PostgreSQL at db.example.com:5432/orders'],
    ['postgres://user:password@[::1]:6543/orders', 'PostgreSQL at [::1]:6543/orders'],
    [
      'postgres:///orders?host=/var/run/postgresql',
      'PostgreSQL at /var/run/postgresql:5432/orders',
    ],
  ])('describes the PostgreSQL database %s without credentials', (url, location) => {
    expect(databaseLocation({ kind: 'postgres', url, poolSize: 20 })).toBe(location);
  });
});
