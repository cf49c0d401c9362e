import { type ExecutionContext, applyDecorators, createParamDecorator } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';
import type { Request } from 'express';
import type { Role } from '../common/role';
import { UnauthenticatedError } from '../errors/common.errors';

/** The user who sent the request. */
export interface AuthenticatedUser {
  readonly id: number;
  /** May be some seconds old; `@Roles()` checks the current one. */
  readonly role: Role;
  /** The session that the access token was issued for. */
  readonly sessionId: number;
}

declare global {
  namespace Express {
    /** The type of `request.user`, which is undefined on public routes. */
    interface User extends AuthenticatedUser {}
  }
}

/** Marks the operations of public routes until the OpenAPI document is complete. */
export const PUBLIC_OPERATION = 'x-public';

const IsPublic = Reflector.createDecorator<true>();

/** Makes a route public. Every other route requires a bearer token. */
export const Public = (): MethodDecorator & ClassDecorator =>
  applyDecorators(IsPublic(true), ApiExtension(PUBLIC_OPERATION, true));

/** Restricts a route to accounts with one of the roles. */
export const Roles = Reflector.createDecorator<Role[]>();

export function isPublic(reflector: Reflector, context: ExecutionContext): boolean {
  return reflector.getAllAndOverride(IsPublic, [context.getHandler(), context.getClass()]) ?? false;
}

/** Injects the {@link AuthenticatedUser} into a handler. */
export const CurrentUser = createParamDecorator(
  (_: unknown, context: ExecutionContext): AuthenticatedUser => {
    const { user } = context.switchToHttp().getRequest<Request>();
    if (!user) throw new UnauthenticatedError();
    return user;
  },
);
