const MINUTE = 60;
const HOUR = 3_600;

/** The delay before each retry of a delivery, in seconds: three days altogether. */
const RETRY_DELAYS = [
  5,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** How many retries follow the first attempt. Then a delivery is parked. */
export const MAX_RETRIES = RETRY_DELAYS.length;

/** After so many failed requests in a row, an endpoint gets one request per step of the schedule. */
export const FAILURES_BEFORE_PROBES = 5;

/** An endpoint whose requests have all failed for so long is disabled, in seconds. */
export const DISABLED_AFTER_SECONDS = 5 * 24 * HOUR;

/**
 * After so long without attempts, failures begin anew, in seconds. Between two retries is less: the longest delay is
 * 29 hours.
 */
export const INTERRUPTED_AFTER_SECONDS = 48 * HOUR;

/** A longer `Retry-After` is shortened, in seconds. */
const MAX_RETRY_AFTER_SECONDS = HOUR;

/** Delays vary by this share, so that endpoints that failed together are not retried together. */
const JITTER = 0.2;

/**
 * The delay before a retry, in whole seconds.
 * @param step 0 for the first retry; later steps than the last one have its delay
 * @param random from 0 to 1
 */
export function retryDelay(step: number, random: number = Math.random()): number {
  const delay = RETRY_DELAYS[Math.min(step, MAX_RETRIES - 1)] ?? HOUR;
  return Math.round(delay * (1 - JITTER + 2 * JITTER * random));
}

/** The delay before the next probe of an endpoint after failures in a row, in whole seconds. */
export function probeDelay(failures: number, random?: number): number {
  return retryDelay(Math.max(0, failures - FAILURES_BEFORE_PROBES), random);
}

/**
 * Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date.
 * @param now in milliseconds since the epoch
 * @returns seconds, an hour at most; undefined when the header is absent or malformed
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const given = value?.trim() ?? '';
  const isDate = /^[A-Z][a-z]{2}, /.test(given);
  const seconds = /^\d{1,10}$/.test(given)
    ? Number(given)
    : isDate
      ? Math.ceil((Date.parse(given) - now) / 1_000)
      : Number.NaN;
  return Number.isNaN(seconds)
    ? undefined
    : Math.min(Math.max(seconds, 0), MAX_RETRY_AFTER_SECONDS);
}
