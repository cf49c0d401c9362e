import type { EntityManager } from 'typeorm';
import { isPostgres } from '../database/is-postgres';
import { executeReturning } from '../database/returning';
import { Session } from './session.entity';

/**
 * On PostgreSQL a transaction that changes several sessions of a user locks them in the order of
 * their ids, so that two such transactions cannot deadlock. On SQLite no other transaction runs.
 */
const IN_LOCK_ORDER = 'ORDER BY id FOR UPDATE';

/** Locks all sessions of a user for the rest of the transaction. */
export async function lockSessions(manager: EntityManager, userId: number): Promise<void> {
  if (!isPostgres(manager.dataSource)) return;
  await manager.query(`SELECT id FROM sessions WHERE user_id = $1 ${IN_LOCK_ORDER}`, [userId]);
}

/** @returns the deleted sessions */
export function deleteSessions(
  manager: EntityManager,
  condition: string,
  parameters: object,
): Promise<Session[]> {
  const where = isPostgres(manager.dataSource)
    ? `id IN (SELECT id FROM sessions WHERE ${condition} ${IN_LOCK_ORDER})`
    : condition;
  const deletion = manager.createQueryBuilder().delete().from(Session).where(where, parameters);
  return executeReturning(manager, Session, deletion);
}
