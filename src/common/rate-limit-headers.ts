/** A limit as the headers describe it. */
export interface RateLimit {
  /** Its name, unique within the API. */
  readonly policy: string;
  readonly quota: number;
  /** Absent for a limit of simultaneous requests. */
  readonly windowSeconds?: number;
}

/** The current state of a limit. */
export interface RateLimitState {
  readonly remaining: number;
  /** Seconds until the whole quota is available again. */
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
