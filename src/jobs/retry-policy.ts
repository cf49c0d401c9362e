const BASE_DELAY_SECONDS = 10;
const MAX_DELAY_SECONDS = 3_600;

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
