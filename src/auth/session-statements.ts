import type { DataSource, EntityManager } from 'typeorm';
import type { AppConfig } from '../config/app-config';
import { databaseTime } from '../database/database-time';
import { isPostgres } from '../database/is-postgres';
import { executeReturning } from '../database/returning';
import { Session } from './session.entity';

/** A session that a token can be issued for. */
export type OpenSession = Pick<Session, 'key' | 'userId' | 'generation'> & {
  /** How long its refresh token is valid. */
  readonly refreshSeconds: number;
};

export function toOpenSession({
  key,
  userId,
  generation,
  refreshedAt,
  expiresAt,
}: Session): OpenSession {
  const milliseconds = expiresAt.getTime() - refreshedAt.getTime();
  return { key, userId, generation, refreshSeconds: Math.floor(milliseconds / 1_000) };
}

/** The columns of a session that is refreshed now. */
export function fromNowOn(
  dataSource: DataSource,
  { auth }: AppConfig,
): { refreshedAt: () => string; expiresAt: () => string } {
  const idleEnd = databaseTime(dataSource, auth.refreshTokenSeconds);
  return {
    refreshedAt: () => databaseTime(dataSource),
    expiresAt: () => `CASE WHEN ends_at < ${idleEnd} THEN ends_at ELSE ${idleEnd} END`,
  };
}

/**
 * On PostgreSQL a transaction that changes several sessions of a user locks them by id: two that
 * locked them in different orders could wait for each other. On SQLite no other transaction runs.
 */
const IN_LOCK_ORDER = 'ORDER BY id FOR UPDATE';

/** Locks all sessions of a user for the rest of the transaction. */
export async function lockSessions(manager: EntityManager, userId: number): Promise<void> {
  if (!isPostgres(manager.dataSource)) return;
  await manager.query(`SELECT id FROM sessions WHERE user_id = $1 ${IN_LOCK_ORDER}`, [userId]);
}

/** @returns the sessions that were deleted */
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
