import { Pool, type QueryConfig, types } from 'pg';
import type { Done, Store } from './limit-store';

/** Prepared statements of pg, each of which commits by itself. */
export async function postgresStore(url: string): Promise<Store> {
  types.setTypeParser(types.builtins.INT8, Number);
  const pool = new Pool({ connectionString: url, max: 20 });
  await pool.query(
    `CREATE TABLE IF NOT EXISTS orders (
       id bigserial PRIMARY KEY, user_id bigint NOT NULL, product_name text NOT NULL,
       amount_minor bigint NOT NULL, status text NOT NULL DEFAULT 'pending',
       attempts integer NOT NULL DEFAULT 0, failure_reason text, cancel_reason text,
       created_at timestamptz(3) NOT NULL DEFAULT now(), updated_at timestamptz(3) NOT NULL DEFAULT now(),
       cancelled_at timestamptz(3), completed_at timestamptz(3));
     CREATE INDEX IF NOT EXISTS orders_user_id_created_at_idx ON orders (user_id, created_at, id)`,
  );
  const query = (config: QueryConfig, done: Done) =>
    pool.query(config, (error: Error | undefined, result) => {
      if (error) throw error; // ends the process, and with it the measurement
      done(result.rows);
    });
  return {
    one: (id, userId, done) =>
      query(
        {
          name: 'one',
          text: 'SELECT * FROM orders WHERE id = $1 AND user_id = $2',
          values: [id, userId],
        },
        done,
      ),
    newest: (userId, done) =>
      query(
        {
          name: 'newest',
          text: 'SELECT * FROM orders WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT 20',
          values: [userId],
        },
        done,
      ),
    place: (userId, name, amountMinor, done) =>
      query(
        {
          name: 'place',
          text: 'INSERT INTO orders (user_id, product_name, amount_minor) VALUES ($1, $2, $3) RETURNING *',
          values: [userId, name, amountMinor],
        },
        done,
      ),
  };
}
