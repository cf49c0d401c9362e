import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { Roles } from '../api/access.decorators';
import { ForbiddenError } from '../errors/common.errors';
import { UsersService } from '../users/users.service';

/**
 * Enforces `@Roles()`. Runs after {@link JwtAuthGuard}, which sets the user. The role is read from
 * the database, so that a change of it applies at once.
 */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly users: UsersService,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const roles = this.reflector.getAllAndOverride(Roles, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!roles) return true;
    const { user } = context.switchToHttp().getRequest<Request>();
    const account = user && (await this.users.findById(user.id));
    if (!account || !roles.includes(account.role)) throw new ForbiddenError();
    return true;
  }
}
