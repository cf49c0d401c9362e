import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { AppConfig } from '../config/app-config';

/** Claims of an access token (RFC 7519, section 4.1); `iat` and `exp` are added when signing. */
export interface AccessTokenClaims {
  /** Id of the user. */
  readonly sub: string;
}

/** Issues access tokens. Verifying them is up to {@link JwtStrategy}. */
@Injectable()
export class AccessTokens {
  readonly lifetimeSeconds: number;

  constructor(
    private readonly jwt: JwtService,
    config: AppConfig,
  ) {
    this.lifetimeSeconds = config.auth.accessTokenSeconds;
  }

  issue(userId: number): Promise<string> {
    const claims: AccessTokenClaims = { sub: String(userId) };
    return this.jwt.signAsync(claims);
  }
}
