import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { Strategy, type StrategyOptionsWithRequest } from 'passport-jwt';
import type { AuthenticatedUser } from '../api/access.decorators';
import { bearerToken } from '../api/bearer-token';
import { AppConfig } from '../config/app-config';
import { InvalidTokenError } from '../errors/common.errors';
import { AccessTokens, TOKEN_ISSUER } from './access-tokens';
import { LiveSessions } from './live-sessions';
import { type VerifiedClaims, VerifiedTokens } from './verified-tokens';

/** Not validated yet: a correct signature does not guarantee their types. */
type Claims = Readonly<Record<keyof VerifiedClaims, unknown>>;

/** Verifies access tokens, and finds their users. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    { auth }: AppConfig,
    tokens: AccessTokens,
    private readonly sessions: LiveSessions,
    private readonly verified: VerifiedTokens,
  ) {
    super({
      jwtFromRequest: bearerToken,
      // passport-jwt passes this to jsonwebtoken, but its types allow strings and buffers only.
      secretOrKey: tokens.findKey as unknown as string,
      algorithms: [auth.algorithm],
      issuer: TOKEN_ISSUER,
      audience: TOKEN_ISSUER,
      passReqToCallback: true,
    } satisfies StrategyOptionsWithRequest);
  }

  /** Called by passport-jwt with the claims of a token that it has verified. */
  async validate(request: Request, { sub, sid, exp }: Claims): Promise<AuthenticatedUser> {
    const areStrings = typeof sub === 'string' && typeof sid === 'string';
    if (!areStrings || typeof exp !== 'number') throw new InvalidTokenError('invalid');
    const claims = { sub, sid, exp };
    const user = await this.findUser(claims);
    const token = bearerToken(request);
    if (token !== null) this.verified.remember(token, claims);
    return user;
  }

  /**
   * A token is valid only as long as its session exists.
   * @throws InvalidTokenError
   */
  async findUser({ sub, sid }: VerifiedClaims): Promise<AuthenticatedUser> {
    const user = await this.sessions.findUser(sid);
    if (!user) throw new InvalidTokenError('session_ended');
    if (String(user.id) !== sub) throw new InvalidTokenError('invalid');
    return user;
  }
}
