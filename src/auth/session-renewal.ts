import type { EntityManager } from 'typeorm';
import type { AppConfig } from '../config/app-config';
import { databaseTime } from '../database/database-time';
import { executeReturning } from '../database/returning';
import { Session } from './session.entity';

/**
 * Moves a session on to its next tokens and extends it by the idle time, at most to its `endsAt`.
 * One conditional UPDATE: of concurrent renewals with the same condition, one succeeds.
 * @returns undefined when no unexpired session meets the condition
 */
export async function renewSession(
  manager: EntityManager,
  { auth }: AppConfig,
  condition: Pick<Session, 'key'> & Partial<Pick<Session, 'generation'>>,
  next: Pick<Session, 'generation'> & Partial<Pick<Session, 'key'>>,
): Promise<Session | undefined> {
  const now = databaseTime(manager.dataSource);
  const idleEnd = databaseTime(manager.dataSource, auth.refreshTokenSeconds);
  const update = manager
    .createQueryBuilder()
    .update(Session)
    .set({
      ...next,
      refreshedAt: () => now,
      expiresAt: () => `CASE WHEN ends_at < ${idleEnd} THEN ends_at ELSE ${idleEnd} END`,
    })
    .where(condition)
    .andWhere(`expires_at > ${now}`);
  const [session] = await executeReturning(manager, Session, update);
  return session;
}
