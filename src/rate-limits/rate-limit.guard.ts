import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { AddressQuota, type RequestQuota } from '../api/limit-by-address.decorator';
import { LimitByUser } from '../api/limit-by-user.decorator';
import { RequestLimits } from './request-limits';

/** The requests of one user to all protected routes. */
const USER_QUOTA: RequestQuota = { limit: 1_000, windowSeconds: 10 };

/** Enforces the quotas of requests. Runs after the guard that sets the user, and before any work. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly limits: RequestLimits,
  ) {}

  /** @throws RateLimitedError when a quota is used up */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const { ip, user } = http.getRequest<Request>();
    const response = http.getResponse<Response>();
    const handler = context.getHandler();
    const route = `${context.getClass().name}.${handler.name}`;
    // Undefined for a route without the decorator.
    const addressQuota: RequestQuota | undefined = this.reflector.get(AddressQuota, handler);
    const userQuota: RequestQuota | undefined = this.reflector.get(LimitByUser, handler);
    if (addressQuota) await this.limits.countForAddress(ip, route, addressQuota, response);
    if (user && userQuota) {
      await this.limits.countForUserOnRoute(user.id, route, userQuota, response);
    }
    // Last: a request over the quota of its route does not count against all routes.
    if (user) await this.limits.countForUser(user.id, USER_QUOTA, response);
    return true;
  }
}
