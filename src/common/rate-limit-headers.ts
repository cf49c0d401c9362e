/** A limit as clients see it. */
export interface RateLimit {
  /** Names the limit among those of the API. */
  readonly policy: string;
  readonly quota: number;
  /** Absent when the limit is on what happens at the same time. */
  readonly windowSeconds?: number;
}

/** How much is left of a limit. */
export interface RateLimitState {
  readonly remaining: number;
  /** Seconds until the quota is available again. */
  readonly resetSeconds: number;
}

/** The headers of draft-ietf-httpapi-ratelimit-headers-10, for one limit. */
export function rateLimitHeaders(
  { policy, quota, windowSeconds }: RateLimit,
  { remaining, resetSeconds }: RateLimitState,
): { 'RateLimit-Policy': string; RateLimit: string } {
  const unit = windowSeconds === undefined ? 'qu="concurrent-requests"' : `w=${windowSeconds}`;
  return {
    'RateLimit-Policy': `"${policy}";q=${quota};${unit}`,
    RateLimit: `"${policy}";r=${remaining};t=${resetSeconds}`,
  };
}
