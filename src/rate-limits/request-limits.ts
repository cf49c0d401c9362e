import type { ServerResponse } from 'node:http';
import { type ArgumentsHost, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { RateLimitedError } from '../errors/common.errors';
import type { RequestQuota } from '../api/limit-by-address.decorator';
import { rateLimitHeaders } from '../common/rate-limit-headers';
import { AppConfig } from '../config/app-config';
import { RateLimitCounters } from './rate-limit-counters';
import { SubjectKeys } from './subject-keys';

/** Requests of one address that are told what is wrong with them before anybody knows whose they are. */
const REFUSAL_QUOTA: RequestQuota = { limit: 300, windowSeconds: 60 };

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
    await this.count('user', `user:${userId}`, quota, responseIn(context));
  }

  /** @throws RateLimitedError when the user has sent too many requests to one route */
  async countForUserOnRoute(
    userId: number,
    route: string,
    quota: RequestQuota,
    context: ArgumentsHost,
  ): Promise<void> {
    await this.count('user-route', `user:${userId}:${route}`, quota, responseIn(context));
  }

  /**
   * @param scope what is counted together
   * @throws RateLimitedError when the address has sent too many requests
   */
  async countForAddress(scope: string, quota: RequestQuota, context: ArgumentsHost): Promise<void> {
    const { ip } = context.switchToHttp().getRequest<Request>();
    const key = `address:${scope}:${this.keys.ofAddress(ip)}`;
    await this.count('address', key, quota, responseIn(context));
  }

  /**
   * Counts a request that is refused and is of no known user, for whatever reason.
   * @param address undefined when the client is gone already
   * @throws RateLimitedError when too many of the address were, to be sent in place of the reason
   */
  async countRefusal(address: string | undefined, response: ServerResponse): Promise<void> {
    const key = `address:refused:${this.keys.ofAddress(address)}`;
    await this.count('address', key, REFUSAL_QUOTA, response);
  }

  private async count(
    policy: string,
    key: string,
    { limit, windowSeconds }: RequestQuota,
    response: ServerResponse,
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
    if (!response.headersSent) {
      for (const [name, value] of Object.entries(headers)) response.appendHeader(name, value);
    }
    if (isBlocked) throw new RateLimitedError(timeToExpire);
  }
}

function responseIn(context: ArgumentsHost): ServerResponse {
  return context.switchToHttp().getResponse<Response>();
}
