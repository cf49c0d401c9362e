/** Why an attempt failed, for the owner of the order: it contains nothing of an error. */
export const UNEXPECTED_ERROR_REASON = 'An unexpected error occurred';

const BASE_DELAY_SECONDS = 10;
const MAX_DELAY_SECONDS = 3_600;

/** A longer delay would exceed the range of instants that both databases can compute. */
const MAX_REQUESTED_DELAY_SECONDS = 365 * 24 * 3_600;

/**
 * The default delay after a failed attempt, in seconds: it doubles with each attempt, up to an hour,
 * less a random share of up to one half, so that orders that failed together are not due together.
 * @param attempt 1 for the first
 * @param random from 0 to 1
 */
export function backoffSeconds(attempt: number, random: number = Math.random()): number {
  const delay = Math.min(MAX_DELAY_SECONDS, BASE_DELAY_SECONDS * 2 ** (attempt - 1));
  return Math.round(delay * (0.5 + random / 2));
}

/**
 * The delay before the next attempt, in seconds: the one that the step requested, or the default.
 * Steps may be written in JavaScript, so a value that is not a number counts as no request: SQLite
 * would compute NULL from it, and the order would never be due.
 */
export function postponementSeconds(requestedSeconds: number | undefined, attempt: number): number {
  const seconds = Math.min(
    MAX_REQUESTED_DELAY_SECONDS,
    Math.max(0, requestedSeconds ?? Number.NaN),
  );
  return Number.isNaN(seconds) ? backoffSeconds(attempt) : seconds;
}
