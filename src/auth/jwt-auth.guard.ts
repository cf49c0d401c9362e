import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { type AuthenticatedUser, isPublic } from '../common/access.decorators';
import { InvalidTokenError, UnauthenticatedError } from '../common/common.errors';
import { bearerToken } from './jwt.strategy';

/** Asks every route that is not `@Public()` for a valid access token. */
@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    return isPublic(this.reflector, context) || ((await super.canActivate(context)) as boolean);
  }

  override handleRequest<User = AuthenticatedUser>(
    error: Error | null,
    user: User | false,
    _info: unknown,
    context: ExecutionContext,
  ): User {
    if (error) throw error;
    if (user) return user;
    const request = context.switchToHttp().getRequest<Request>();
    throw bearerToken(request) === null ? new UnauthenticatedError() : new InvalidTokenError();
  }
}
