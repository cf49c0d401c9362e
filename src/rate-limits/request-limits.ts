import { type ArgumentsHost, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { RateLimitedError } from '../common/common.errors';
import type { RequestQuota } from '../common/limit-by-address.decorator';
import { rateLimitHeaders } from '../common/rate-limit-headers';
import { AppConfig } from '../config/app-config';
import { RateLimitCounters } from './rate-limit-counters';
import { SubjectKeys } from './subject-keys';

/**
 * Counts requests against quotas, and tells clients how much is left of them
 * (draft-ietf-httpapi-ratelimit-headers-10).
 */
@Injectable()
export class RequestLimits {
  readonly isEnabled: boolean;

  constructor(
    private readonly counters: RateLimitCounters,
    private readonly keys: SubjectKeys,
    { rateLimits }: AppConfig,
  ) {
    this.isEnabled = rateLimits.enabled;
  }

  /** @throws RateLimitedError when the user has sent too many requests, over all routes */
  async countForUser(userId: number, quota: RequestQuota, context: ArgumentsHost): Promise<void> {
    await this.count('user', `user:${userId}`, quota, context);
  }

  /** @throws RateLimitedError when the user has sent too many requests to one route */
  async countForUserOnRoute(
    userId: number,
    route: string,
    quota: RequestQuota,
    context: ArgumentsHost,
  ): Promise<void> {
    await this.count('user-route', `user:${userId}:${route}`, quota, context);
  }

  /**
   * @param scope what is counted together
   * @throws RateLimitedError when the address has sent too many requests
   */
  async countForAddress(scope: string, quota: RequestQuota, context: ArgumentsHost): Promise<void> {
    const { ip } = context.switchToHttp().getRequest<Request>();
    await this.count('address', `address:${scope}:${this.keys.ofAddress(ip)}`, quota, context);
  }

  private async count(
    policy: string,
    key: string,
    { limit, windowSeconds }: RequestQuota,
    context: ArgumentsHost,
  ): Promise<void> {
    if (!this.isEnabled) return;
    const { totalHits, timeToExpire, isBlocked } = await this.counters.increment(
      `quota:${key}`,
      windowSeconds * 1_000,
      limit,
    );
    const headers = rateLimitHeaders(
      { policy, quota: limit, windowSeconds },
      { remaining: Math.max(0, limit - totalHits), resetSeconds: timeToExpire },
    );
    const response = context.switchToHttp().getResponse<Response>();
    for (const [name, value] of Object.entries(headers)) response.append(name, value);
    if (isBlocked) throw new RateLimitedError(timeToExpire);
  }
}
