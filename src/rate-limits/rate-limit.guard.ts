import { Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  ThrottlerGuard,
  type ThrottlerModuleOptions,
  type ThrottlerRequest,
  ThrottlerStorage,
  getOptionsToken,
  getStorageToken,
} from '@nestjs/throttler';
import type { Request } from 'express';
import { ADDRESS_THROTTLER } from '../api/limit-by-address.decorator';
import { USER_ROUTE_THROTTLER } from '../api/limit-by-user.decorator';
import { RequestLimits } from './request-limits';

/** Of routes that say nothing about it. */
const UNLIMITED = Number.POSITIVE_INFINITY;

/**
 * The limits of `@nestjs/throttler`. Its `@Throttle` and `@SkipThrottle` work with each: `user`
 * counts all protected routes together, the others count each route that asks for it.
 */
export const throttlers = (): ThrottlerModuleOptions => [
  { name: 'user', limit: 1_000, ttl: 10_000 },
  { name: ADDRESS_THROTTLER, limit: UNLIMITED, ttl: 1_000 },
  { name: USER_ROUTE_THROTTLER, limit: UNLIMITED, ttl: 1_000 },
];

/** Enforces the limits of requests. Runs after the guard that sets the user, and before any work. */
@Injectable()
export class RateLimitGuard extends ThrottlerGuard {
  constructor(
    @Inject(getOptionsToken()) options: ThrottlerModuleOptions,
    @Inject(getStorageToken()) storage: ThrottlerStorage,
    reflector: Reflector,
    private readonly limits: RequestLimits,
  ) {
    super(options, storage, reflector);
  }

  protected override async shouldSkip(): Promise<boolean> {
    return !this.limits.isEnabled;
  }

  /** In place of the library's, which names each user and address per route, in headers of its own. */
  protected override async handleRequest(request: ThrottlerRequest): Promise<boolean> {
    const { context, limit, ttl, throttler } = request;
    if (limit === UNLIMITED) return true;
    const quota = { limit, windowSeconds: ttl / 1_000 };
    const { user } = context.switchToHttp().getRequest<Request>();
    const route = `${context.getClass().name}.${context.getHandler().name}`;
    if (throttler.name === ADDRESS_THROTTLER) {
      await this.limits.countForAddress(route, quota, context);
    } else if (user && throttler.name === USER_ROUTE_THROTTLER) {
      await this.limits.countForUserOnRoute(user.id, route, quota, context);
    } else if (user) {
      await this.limits.countForUser(user.id, quota, context);
    }
    return true;
  }
}
