import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { TokenExpiredError } from '@nestjs/jwt';
import { AuthGuard } from '@nestjs/passport';
import type { Request, Response } from 'express';
import { type AuthenticatedUser, isPublic } from '../api/access.decorators';
import { bearerToken } from '../api/bearer-token';
import { InvalidTokenError, UnauthenticatedError } from '../errors/common.errors';
import { DomainError } from '../errors/domain-error';
import { RequestLimits } from '../rate-limits/request-limits';
import { JwtStrategy } from './jwt.strategy';
import { VerifiedTokens } from './verified-tokens';

/** Requires a valid access token on every route that is not `@Public()`. */
@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: RequestLimits,
    private readonly strategy: JwtStrategy,
    private readonly verified: VerifiedTokens,
  ) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (isPublic(this.reflector, context)) return true;
    try {
      const request = context.switchToHttp().getRequest<Request>();
      const token = bearerToken(request);
      const claims = token === null ? undefined : this.verified.recall(token);
      if (!claims) return (await super.canActivate(context)) as boolean;
      request.user = await this.strategy.findUser(claims);
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.status === 401) {
        const http = context.switchToHttp();
        const { ip } = http.getRequest<Request>();
        await this.limits.countRefusal(ip, http.getResponse<Response>());
      }
      throw error;
    }
  }

  override handleRequest<User = AuthenticatedUser>(
    error: Error | null,
    user: User | false,
    info: unknown,
    context: ExecutionContext,
  ): User {
    if (error) throw error;
    if (user) return user;
    const request = context.switchToHttp().getRequest<Request>();
    if (bearerToken(request) === null) throw new UnauthenticatedError();
    throw new InvalidTokenError(info instanceof TokenExpiredError ? 'expired' : 'invalid');
  }
}
