import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import type { DataSource, EntityManager, Repository } from 'typeorm';
import type { AuthenticatedUser } from '../api/access.decorators';
import { InvalidTokenError } from '../errors/common.errors';
import { AppConfig } from '../config/app-config';
import { databaseTime } from '../database/database-time';
import { deleteInBatches } from '../database/delete-in-batches';
import { executeReturning } from '../database/returning';
import { SessionNotFoundError } from './auth.errors';
import type { Client } from './client.decorator';
import { LiveSessions } from './live-sessions';
import {
  type OpenSession,
  deleteSessions,
  fromNowOn,
  lockSessions,
  toOpenSession,
} from './session-statements';
import { Session } from './session.entity';

/** With one login more, the session that was not refreshed for the longest time ends. */
const MAX_SESSIONS_PER_USER = 100;

/**
 * Opens, lists and ends sessions. Ending one deletes its row.
 */
@Injectable()
export class SessionsService {
  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly liveSessions: LiveSessions,
    private readonly config: AppConfig,
  ) {}

  /** @param confirm has to succeed in the same transaction */
  async open(
    userId: number,
    client: Client,
    confirm: (manager: EntityManager) => Promise<void>,
  ): Promise<OpenSession> {
    const { refreshTokenSeconds, sessionSeconds } = this.config.auth;
    const session = { key: randomUUID(), userId, generation: 0 };
    await this.dataSource.transaction(async (manager) => {
      await confirm(manager);
      await manager.insert(Session, {
        ...session,
        ...client,
        createdAt: () => this.inSeconds(0),
        refreshedAt: () => this.inSeconds(0),
        expiresAt: () => this.inSeconds(refreshTokenSeconds),
        endsAt: () => this.inSeconds(sessionSeconds),
      });
    });
    await this.endSurplus(userId);
    return { ...session, refreshSeconds: refreshTokenSeconds };
  }

  /** The sessions of a user, the one last refreshed first. */
  async list(userId: number): Promise<Session[]> {
    return this.sessions
      .createQueryBuilder('session')
      .where({ userId })
      .andWhere(`session.expires_at > ${this.inSeconds(0)}`)
      .orderBy({ 'session.refreshedAt': 'DESC', 'session.id': 'DESC' })
      .getMany();
  }

  /** @throws SessionNotFoundError also when it is a session of somebody else */
  async end(id: number, userId: number): Promise<void> {
    const ended = await this.endWhere('id = :id AND user_id = :userId', { id, userId });
    if (ended.length === 0) throw new SessionNotFoundError();
  }

  async endCurrent({ sessionId }: AuthenticatedUser): Promise<void> {
    await this.endWhere('id = :sessionId', { sessionId });
  }

  async endAll(userId: number): Promise<void> {
    await this.endWhere('user_id = :userId', { userId });
  }

  /**
   * Ends all sessions of a user but the current one, and gives that one another key, which makes its
   * earlier tokens invalid.
   * @param change has to succeed in the same transaction
   * @throws InvalidTokenError when the current session has ended since the request was authenticated
   */
  async renewAlone(
    { id, sessionId }: AuthenticatedUser,
    change: (manager: EntityManager) => Promise<void>,
  ): Promise<OpenSession> {
    const { ended, renewed } = await this.dataSource.transaction(async (manager) => {
      await change(manager);
      await lockSessions(manager, id);
      const others = await deleteSessions(manager, 'user_id = :id AND id <> :sessionId', {
        id,
        sessionId,
      });
      const old = await manager.findOneBy(Session, { id: sessionId, userId: id });
      const [current] = old ? await this.replaceKey(manager, old) : [];
      if (!old || !current) throw new InvalidTokenError('session_ended');
      return { ended: [...others, old], renewed: current };
    });
    this.liveSessions.markEnded(ended);
    return toOpenSession(renewed);
  }

  /** @returns how many sessions were deleted */
  deleteExpired(): Promise<number> {
    return deleteInBatches(this.dataSource, Session, `expires_at <= ${this.inSeconds(0)}`);
  }

  private async endSurplus(userId: number): Promise<void> {
    await this.endWhere(
      `user_id = :userId AND id NOT IN (
        SELECT id FROM sessions WHERE user_id = :userId
        ORDER BY refreshed_at DESC, id DESC LIMIT ${MAX_SESSIONS_PER_USER})`,
      { userId },
    );
  }

  /** A refresh of the key that is under way finds the session either before this or not at all. */
  private replaceKey(manager: EntityManager, { id, key }: Session): Promise<Session[]> {
    const update = manager
      .createQueryBuilder()
      .update(Session)
      .set({ key: randomUUID(), generation: 0, ...fromNowOn(this.dataSource, this.config) })
      .where({ id, key })
      .andWhere(`expires_at > ${this.inSeconds(0)}`);
    return executeReturning(manager, Session, update);
  }

  private async endWhere(condition: string, parameters: object): Promise<Session[]> {
    const ended = await deleteSessions(this.sessions.manager, condition, parameters);
    this.liveSessions.markEnded(ended);
    return ended;
  }

  private inSeconds(seconds: number): string {
    return databaseTime(this.dataSource, seconds);
  }
}
