import type { DataSource } from 'typeorm';

/** True when all entries of the history have positions, and the statistics contain all of them. */
export async function isLogRead(database: DataSource): Promise<boolean> {
  const [row] = await database.query<[{ unnumbered: number; positions: number }]>(
    `SELECT (SELECT COUNT(*) FROM order_history WHERE position IS NULL) AS unnumbered,
            (SELECT COUNT(DISTINCT position) FROM log_readers) AS positions`,
  );
  return row.unnumbered === 0 && row.positions === 1;
}
