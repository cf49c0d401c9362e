import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { Strategy, type StrategyOptionsWithoutRequest } from 'passport-jwt';
import type { AuthenticatedUser } from '../api/access.decorators';
import { AppConfig } from '../config/app-config';
import { InvalidTokenError } from '../errors/common.errors';
import { type AccessTokenClaims, AccessTokens, TOKEN_ISSUER } from './access-tokens';
import { LiveSessions } from './live-sessions';

/** Reads only the `Authorization` header (RFC 6750, section 2.1), not the query or cookies. */
export function bearerToken({ headers }: Request): string | null {
  return /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

/** Not validated yet: a correct signature does not guarantee their types. */
type Claims = Readonly<Record<keyof AccessTokenClaims, unknown>>;

/** Verifies access tokens, and finds their users. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    { auth }: AppConfig,
    tokens: AccessTokens,
    private readonly sessions: LiveSessions,
  ) {
    super({
      jwtFromRequest: bearerToken,
      // passport-jwt passes this to jsonwebtoken, but its types allow strings and buffers only.
      secretOrKey: tokens.findKey as unknown as string,
      algorithms: [auth.algorithm],
      issuer: TOKEN_ISSUER,
      audience: TOKEN_ISSUER,
    } satisfies StrategyOptionsWithoutRequest);
  }

  /** A token is valid only as long as its session exists. */
  async validate({ sub, sid }: Claims): Promise<AuthenticatedUser> {
    if (typeof sid !== 'string') throw new InvalidTokenError('invalid');
    const user = await this.sessions.findUser(sid);
    if (!user) throw new InvalidTokenError('session_ended');
    if (String(user.id) !== sub) throw new InvalidTokenError('invalid');
    return user;
  }
}
