import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { Roles } from '../common/access.decorators';
import { ForbiddenError } from '../common/common.errors';

/** Enforces `@Roles()`. Runs after {@link JwtAuthGuard}, which sets the user. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const roles = this.reflector.getAllAndOverride(Roles, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!roles) return true;
    const { user } = context.switchToHttp().getRequest<Request>();
    if (!user || !roles.includes(user.role)) throw new ForbiddenError();
    return true;
  }
}
