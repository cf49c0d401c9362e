import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { bearerToken } from '../api/bearer-token';
import type { LiveAccess, LiveAccesses } from '../api/live-access';
import { InvalidTokenError } from '../errors/common.errors';
import { JwtStrategy } from './jwt.strategy';
import { VerifiedTokens } from './verified-tokens';

/** Follows the access tokens of requests that the guard has admitted. */
@Injectable()
export class TokenAccesses implements LiveAccesses {
  constructor(
    private readonly strategy: JwtStrategy,
    private readonly verified: VerifiedTokens,
  ) {}

  of(request: Request): LiveAccess {
    const token = bearerToken(request);
    const claims = token === null ? undefined : this.verified.recall(token);
    if (!claims) throw new InvalidTokenError('expired');
    return {
      expiresAt: claims.exp * 1_000,
      isGranted: async (roles) => {
        try {
          const { role } = await this.strategy.findUser(claims);
          return roles === undefined || roles.includes(role);
        } catch (error) {
          if (error instanceof InvalidTokenError) return false;
          throw error;
        }
      },
    };
  }
}
