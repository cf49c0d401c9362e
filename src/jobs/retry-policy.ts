const BASE_DELAY_SECONDS = 10;
const MAX_DELAY_SECONDS = 3_600;

/** Longer delays would leave what databases can add to an instant. */
const MAX_REQUESTED_DELAY_SECONDS = 365 * 24 * 3_600;

/**
 * How long to wait after a failed attempt, in seconds: twice as long each time, up to an hour, of
 * which a random half is left out, so that orders that failed together do not come back together.
 * @param attempt 1 for the first
 * @param random from 0 to 1
 */
export function retryDelaySeconds(attempt: number, random: number = Math.random()): number {
  const delay = Math.min(MAX_DELAY_SECONDS, BASE_DELAY_SECONDS * 2 ** (attempt - 1));
  return Math.round(delay * (0.5 + random / 2));
}

/**
 * How long to wait after an attempt whose step may have asked for a delay, in seconds. What is not a
 * number (steps may be written in JavaScript) counts as no request: SQLite would store it as NULL, and
 * the order would never be due.
 */
export function delayAfterAttempt(requestedSeconds: number | undefined, attempt: number): number {
  const seconds = Math.min(
    MAX_REQUESTED_DELAY_SECONDS,
    Math.max(0, requestedSeconds ?? Number.NaN),
  );
  return Number.isNaN(seconds) ? retryDelaySeconds(attempt) : seconds;
}
