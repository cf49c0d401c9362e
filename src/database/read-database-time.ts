import type { EntityManager } from 'typeorm';
import { databaseTime } from './database-time';

/**
 * Reads the current time of the database in ISO 8601, plus an offset.
 * @param offset whole seconds
 */
export async function readDatabaseTime(manager: EntityManager, offset = 0): Promise<string> {
  const sql = `SELECT ${databaseTime(manager.dataSource, offset)} AS instant`;
  const [row] = await manager.query<{ instant: string }[]>(sql);
  if (!row) throw new TypeError('A SELECT returned no row');
  return row.instant;
}
