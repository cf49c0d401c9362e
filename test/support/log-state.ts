import type { DataSource } from 'typeorm';
import { waitUntil } from './wait-until';

/** Waits until all entries of the history have positions. */
export async function untilNumbered(database: DataSource): Promise<void> {
  const sql = 'SELECT 1 FROM order_history WHERE position IS NULL LIMIT 1';
  await waitUntil(async () => (await database.query<unknown[]>(sql)).length === 0, {
    description: 'all events have positions',
    deadlineMs: 30_000,
  });
}

/** True when all entries of the history have positions, and the statistics contain all of them. */
export async function isLogRead(database: DataSource): Promise<boolean> {
  const [row] = await database.query<[{ unnumbered: number; positions: number }]>(
    `SELECT (SELECT COUNT(*) FROM order_history WHERE position IS NULL) AS unnumbered,
            (SELECT COUNT(DISTINCT position) FROM log_readers) AS positions`,
  );
  return row.unnumbered === 0 && row.positions === 1;
}
