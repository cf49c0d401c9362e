import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AppConfig } from '../config/app-config';
import { databaseTime } from '../database/database-time';
import { RefreshTokenInvalidError, RefreshTokenReusedError } from './auth.errors';
import { LiveSessions } from './live-sessions';
import { type RefreshTokenContent, RefreshTokens } from './refresh-tokens';
import { deleteSessions } from './session-locks';
import { renewSession } from './session-renewal';
import { SessionTokens, type Tokens } from './session-tokens';
import { Session } from './session.entity';

/** How long a replaced refresh token still returns its successor, in seconds. */
const GRACE_SECONDS = 10;

/** Exchanges refresh tokens for the next tokens, and ends sessions whose tokens were copied. */
@Injectable()
export class SessionRefresh {
  private readonly logger = new Logger(SessionRefresh.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly config: AppConfig,
    private readonly refreshTokens: RefreshTokens,
    private readonly tokens: SessionTokens,
    private readonly liveSessions: LiveSessions,
  ) {}

  /**
   * For 10 s the previous refresh token returns the same successor, because a client may refresh
   * twice at once or lose the response. Any older token was copied, so its session ends (RFC 9700,
   * section 4.14.2).
   * @throws RefreshTokenInvalidError, RefreshTokenReusedError
   */
  async refresh(refreshToken: string): Promise<Tokens> {
    const { key, generation } = this.refreshTokens.read(refreshToken);
    const next = { generation: generation + 1 };
    const session =
      (await renewSession(this.dataSource.manager, this.config, { key, generation }, next)) ??
      (await this.findRenewed({ key, ...next }));
    if (session) return this.tokens.issue(session);
    await this.endIfReused({ key, generation });
    throw new RefreshTokenInvalidError();
  }

  /** Finds a session that another request has just moved on to this generation. */
  private findRenewed({ key, generation }: RefreshTokenContent): Promise<Session | null> {
    return this.dataSource.manager
      .createQueryBuilder(Session, 'session')
      .where({ key, generation })
      .andWhere(`session.refreshed_at > ${databaseTime(this.dataSource, -GRACE_SECONDS)}`)
      .andWhere(`session.expires_at > ${databaseTime(this.dataSource)}`)
      .getOne();
  }

  private async endIfReused({ key, generation }: RefreshTokenContent): Promise<void> {
    const condition = 'key = :key AND generation > :generation';
    const ended = await deleteSessions(this.dataSource.manager, condition, { key, generation });
    this.liveSessions.markEnded(ended);
    const [reused] = ended;
    if (!reused) return;
    const { id, userId } = reused;
    this.logger.warn({
      msg: 'A refresh token was reused, so its session was ended',
      event: 'refresh_token_reused',
      session_id: id,
      user_id: userId,
    });
    throw new RefreshTokenReusedError();
  }
}
