import type { ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { RequestQuota } from '../api/limit-by-address.decorator';
import { Measurements } from '../common/measurements';
import { rateLimitHeaders } from '../common/rate-limit-headers';
import { AppConfig } from '../config/app-config';
import { RateLimitedError } from '../errors/common.errors';
import { RateLimitCounters } from './rate-limit-counters';
import { SubjectKeys } from './subject-keys';

/** The requests of one address that fail before their user is known. */
const REFUSAL_QUOTA: RequestQuota = { limit: 300, windowSeconds: 60 };

/**
 * Counts requests against quotas, and sends the state of each quota in the headers of
 * draft-ietf-httpapi-ratelimit-headers-10. Every method throws {@link RateLimitedError} when the
 * quota is used up.
 */
@Injectable()
export class RequestLimits {
  private readonly isEnabled: boolean;

  constructor(
    private readonly counters: RateLimitCounters,
    private readonly keys: SubjectKeys,
    private readonly measurements: Measurements,
    { rateLimits }: AppConfig,
  ) {
    this.isEnabled = rateLimits.enabled;
  }

  /** Counts a request of a user, over all routes. */
  countForUser(userId: number, quota: RequestQuota, response: ServerResponse): Promise<void> {
    return this.count('user', `user:${userId}`, quota, response);
  }

  countForUserOnRoute(
    userId: number,
    route: string,
    quota: RequestQuota,
    response: ServerResponse,
  ): Promise<void> {
    return this.count('user-route', `user:${userId}:${route}`, quota, response);
  }

  /** @param address undefined when the client has disconnected */
  countForAddress(
    address: string | undefined,
    route: string,
    quota: RequestQuota,
    response: ServerResponse,
  ): Promise<void> {
    const key = `address:${route}:${this.keys.ofAddress(address)}`;
    return this.count('address', key, quota, response);
  }

  /**
   * Counts a request that fails before its user is known, for any reason. The RateLimitedError
   * replaces that reason in the response.
   * @param address undefined when the client has disconnected
   */
  countRefusal(address: string | undefined, response: ServerResponse): Promise<void> {
    return this.countForAddress(address, 'refused', REFUSAL_QUOTA, response);
  }

  private async count(
    policy: string,
    key: string,
    { limit, windowSeconds }: RequestQuota,
    response: ServerResponse,
  ): Promise<void> {
    if (!this.isEnabled) return;
    const { requests, remainingMs } = await this.counters.countRequest(
      `quota:${key}`,
      windowSeconds * 1_000,
    );
    const resetSeconds = Math.max(1, Math.ceil(remainingMs / 1_000));
    const headers = rateLimitHeaders(
      { policy, quota: limit, windowSeconds },
      { remaining: Math.max(0, limit - requests), resetSeconds },
    );
    if (!response.headersSent) {
      for (const [name, value] of Object.entries(headers)) response.appendHeader(name, value);
    }
    if (requests <= limit) return;
    this.measurements.requestRejected(policy);
    throw new RateLimitedError(resetSeconds);
  }
}
