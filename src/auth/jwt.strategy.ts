import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import { Strategy, type StrategyOptionsWithoutRequest } from 'passport-jwt';
import type { AuthenticatedUser } from '../common/access.decorators';
import { InvalidTokenError } from '../common/common.errors';
import { AppConfig } from '../config/app-config';
import { UsersService } from '../users/users.service';
import type { AccessTokenClaims } from './access-tokens';

/**
 * Finds the token of a request (RFC 6750, section 2.1). One anywhere else than in the header, such
 * as in the query, is no token.
 */
export function bearerToken({ headers }: Request): string | null {
  return /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy) {
  constructor(
    { auth }: AppConfig,
    private readonly users: UsersService,
  ) {
    super({
      jwtFromRequest: bearerToken,
      // passport-jwt hands the key on as it is; its types know texts and buffers only.
      secretOrKey: auth.secret as unknown as string,
      algorithms: [auth.algorithm],
    } satisfies StrategyOptionsWithoutRequest);
  }

  /** Asks the database each time, so that a deleted account or a lost role counts at once. */
  async validate({ sub }: AccessTokenClaims): Promise<AuthenticatedUser> {
    const id = Number(sub);
    const user = Number.isSafeInteger(id) ? await this.users.findById(id) : null;
    if (!user) throw new InvalidTokenError();
    return { id: user.id, role: user.role };
  }
}
