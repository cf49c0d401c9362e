import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import type { DataSource, EntityManager, Repository } from 'typeorm';
import type { AuthenticatedUser } from '../common/access.decorators';
import { AppConfig } from '../config/app-config';
import { databaseTime } from '../database/database-time';
import { deleteInBatches } from '../database/delete-in-batches';
import { executeReturning } from '../database/returning';
import {
  RefreshTokenInvalidError,
  RefreshTokenReusedError,
  SessionNotFoundError,
} from './auth.errors';
import type { Client } from './client.decorator';
import { LiveSessions } from './live-sessions';
import type { RefreshTokenContent } from './refresh-tokens';
import { Session } from './session.entity';

/** How long a refresh token that was just replaced is answered with its successor, in seconds. */
const GRACE_SECONDS = 10;

/** With one login more, the session that was not refreshed for the longest time ends. */
const MAX_SESSIONS_PER_USER = 100;

/** A session that a token can be issued for. */
export type OpenSession = Pick<Session, 'key' | 'userId' | 'generation'> & {
  /** How long its refresh token is valid. */
  readonly refreshSeconds: number;
};

/**
 * Opens, refreshes and ends sessions. Ending one deletes its row: whatever finds no row, has no
 * session.
 */
@Injectable()
export class SessionsService {
  private readonly logger = new Logger(SessionsService.name);

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

  /**
   * Trades a refresh token for the next one. The token before gets that same one for a little
   * longer, for clients that refresh twice at once or did not get the answer. A token from before
   * that was copied: the session ends (RFC 9700, section 4.14.2).
   * @throws RefreshTokenInvalidError, RefreshTokenReusedError
   */
  async refresh(token: RefreshTokenContent): Promise<OpenSession> {
    const session = (await this.advance(token)) ?? (await this.findSuccessor(token));
    if (!session) {
      await this.endIfReused(token);
      throw new RefreshTokenInvalidError();
    }
    const { key, userId, generation, refreshedAt, expiresAt } = session;
    const milliseconds = expiresAt.getTime() - refreshedAt.getTime();
    return { key, userId, generation, refreshSeconds: Math.floor(milliseconds / 1_000) };
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
   * Ends all sessions of a user but the current one.
   * @param change has to succeed in the same transaction
   */
  async endOthers(
    { id, sessionId }: AuthenticatedUser,
    change: (manager: EntityManager) => Promise<void>,
  ): Promise<void> {
    const ended = await this.dataSource.transaction(async (manager) => {
      await change(manager);
      return deleteWhere(manager, 'user_id = :id AND id <> :sessionId', { id, sessionId });
    });
    this.liveSessions.markEnded(ended);
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

  /** One conditional UPDATE: of several that bring the same token, one moves the session on. */
  private async advance({ key, generation }: RefreshTokenContent): Promise<Session | undefined> {
    const idleEnd = this.inSeconds(this.config.auth.refreshTokenSeconds);
    const update = this.sessions
      .createQueryBuilder()
      .update()
      .set({
        generation: generation + 1,
        refreshedAt: () => this.inSeconds(0),
        expiresAt: () => `CASE WHEN ends_at < ${idleEnd} THEN ends_at ELSE ${idleEnd} END`,
      })
      .where({ key, generation })
      .andWhere(`expires_at > ${this.inSeconds(0)}`);
    const [session] = await executeReturning(this.sessions.manager, Session, update);
    return session;
  }

  private async findSuccessor({ key, generation }: RefreshTokenContent): Promise<Session | null> {
    return this.sessions
      .createQueryBuilder('session')
      .where({ key, generation: generation + 1 })
      .andWhere(`session.refreshed_at > ${this.inSeconds(-GRACE_SECONDS)}`)
      .andWhere(`session.expires_at > ${this.inSeconds(0)}`)
      .getOne();
  }

  private async endIfReused({ key, generation }: RefreshTokenContent): Promise<void> {
    const [reused] = await this.endWhere('key = :key AND generation > :generation', {
      key,
      generation,
    });
    if (!reused) return;
    const { id, userId } = reused;
    this.logger.warn({
      msg: 'A refresh token was used again, its session has been ended',
      event: 'refresh_token_reused',
      session_id: id,
      user_id: userId,
    });
    throw new RefreshTokenReusedError();
  }

  private async endWhere(condition: string, parameters: object): Promise<Session[]> {
    const ended = await deleteWhere(this.sessions.manager, condition, parameters);
    this.liveSessions.markEnded(ended);
    return ended;
  }

  private inSeconds(seconds: number): string {
    return databaseTime(this.dataSource, seconds);
  }
}

function deleteWhere(
  manager: EntityManager,
  condition: string,
  parameters: object,
): Promise<Session[]> {
  const deletion = manager.createQueryBuilder().delete().from(Session).where(condition, parameters);
  return executeReturning(manager, Session, deletion);
}
