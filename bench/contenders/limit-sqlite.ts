import Database from 'better-sqlite3';
import type { Store } from './limit-store';

/** Prepared statements of better-sqlite3. Each commit is synced. */
export function sqliteStore(path: string | undefined): Store {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(
    `CREATE TABLE IF NOT EXISTS orders (
       id integer PRIMARY KEY AUTOINCREMENT, user_id integer NOT NULL, product_name text NOT NULL,
       amount_minor integer NOT NULL, status text NOT NULL DEFAULT 'pending',
       attempts integer NOT NULL DEFAULT 0, failure_reason text, cancel_reason text,
       created_at text NOT NULL, updated_at text NOT NULL, cancelled_at text, completed_at text);
     CREATE INDEX IF NOT EXISTS orders_user_id_created_at_idx ON orders (user_id, created_at, id)`,
  );
  const one = database.prepare('SELECT * FROM orders WHERE id = ? AND user_id = ?');
  const newest = database.prepare(
    'SELECT * FROM orders WHERE user_id = ? ORDER BY created_at DESC, id DESC LIMIT 20',
  );
  const place = database.prepare(
    `INSERT INTO orders (user_id, product_name, amount_minor, created_at, updated_at)
     VALUES (?, ?, ?, ?, ?) RETURNING *`,
  );
  return {
    one: (id, userId, done) => done([one.get(id, userId)]),
    newest: (userId, done) => done(newest.all(userId)),
    place: (userId, name, amountMinor, done) => {
      const now = new Date().toISOString();
      done([place.get(userId, name, amountMinor, now, now)]);
    },
  };
}
