/** How guesses at passwords are slowed down. Durations are in milliseconds. */
export const GUESS_POLICY = {
  /** Failures without a consequence. The last of them starts the first delay. */
  allowedFailures: 5,
  firstDelayMs: 1_000,
  /** Short, because strangers can impose it on the owner of an account. */
  longestDelayOfTargetMs: 60_000,
  longestDelayOfAddressMs: 15 * 60_000,
  /** Counted from the last failure. */
  forgetAfterMs: 15 * 60_000,
  /** How long an address stays known after a right guess. */
  rememberAddressMs: 30 * 24 * 60 * 60_000,
} as const;

/** Each delay is twice as long as the one before. */
export function delayMsAfter(failures: number, longestDelayMs: number): number {
  const excess = failures - GUESS_POLICY.allowedFailures;
  return excess < 0 ? 0 : Math.min(longestDelayMs, GUESS_POLICY.firstDelayMs * 2 ** excess);
}
