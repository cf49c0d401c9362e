import { Injectable } from '@nestjs/common';
import { AccessTokens } from './access-tokens';
import { RefreshTokens } from './refresh-tokens';
import type { Session } from './session.entity';

/** An access token and a refresh token, with their lifetimes. */
export interface Tokens {
  readonly accessToken: string;
  readonly accessTokenSeconds: number;
  readonly refreshToken: string;
  readonly refreshTokenSeconds: number;
}

/** Issues the tokens of a session that has just been started or renewed. */
@Injectable()
export class SessionTokens {
  constructor(
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
  ) {}

  async issue(session: Session): Promise<Tokens> {
    const refreshTokenMs = session.expiresAt.getTime() - session.refreshedAt.getTime();
    return {
      accessToken: await this.accessTokens.issue(session),
      accessTokenSeconds: this.accessTokens.lifetimeSeconds,
      refreshToken: this.refreshTokens.issue(session),
      refreshTokenSeconds: Math.floor(refreshTokenMs / 1_000),
    };
  }
}
