import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource, InjectRepository } from '@nestjs/typeorm';
import type { DataSource, Repository } from 'typeorm';
import { AppConfig } from '../config/app-config';
import { databaseTime } from '../database/database-time';
import { executeReturning } from '../database/returning';
import { RefreshTokenInvalidError, RefreshTokenReusedError } from './auth.errors';
import { LiveSessions } from './live-sessions';
import type { RefreshTokenContent } from './refresh-tokens';
import { type OpenSession, deleteSessions, fromNowOn, toOpenSession } from './session-statements';
import { Session } from './session.entity';

/** How long a refresh token that was just replaced is answered with its successor, in seconds. */
const GRACE_SECONDS = 10;

/** Trades refresh tokens for the next ones, and ends sessions whose tokens were copied. */
@Injectable()
export class SessionRefresh {
  private readonly logger = new Logger(SessionRefresh.name);

  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly liveSessions: LiveSessions,
    private readonly config: AppConfig,
  ) {}

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
    return toOpenSession(session);
  }

  /** One conditional UPDATE: of several that bring the same token, one moves the session on. */
  private async advance({ key, generation }: RefreshTokenContent): Promise<Session | undefined> {
    const update = this.sessions
      .createQueryBuilder()
      .update()
      .set({ generation: generation + 1, ...fromNowOn(this.dataSource, this.config) })
      .where({ key, generation })
      .andWhere(`expires_at > ${databaseTime(this.dataSource)}`);
    const [session] = await executeReturning(this.sessions.manager, Session, update);
    return session;
  }

  private async findSuccessor({ key, generation }: RefreshTokenContent): Promise<Session | null> {
    return this.sessions
      .createQueryBuilder('session')
      .where({ key, generation: generation + 1 })
      .andWhere(`session.refreshed_at > ${databaseTime(this.dataSource, -GRACE_SECONDS)}`)
      .andWhere(`session.expires_at > ${databaseTime(this.dataSource)}`)
      .getOne();
  }

  private async endIfReused({ key, generation }: RefreshTokenContent): Promise<void> {
    const condition = 'key = :key AND generation > :generation';
    const ended = await deleteSessions(this.sessions.manager, condition, { key, generation });
    this.liveSessions.markEnded(ended);
    const [reused] = ended;
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
}
