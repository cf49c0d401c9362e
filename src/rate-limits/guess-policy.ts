/** How guesses at passwords are slowed down. Durations are in milliseconds. */
export const GUESS_POLICY = {
  /** So many failures have no consequence. After the last of them the delays begin. */
  allowedFailures: 5,
  firstDelayMs: 1_000,
  /** Short: a stranger can impose it on the owner of an account. */
  longestDelayOfTargetMs: 60_000,
  longestDelayOfAddressMs: 15 * 60_000,
  /** Failures are forgotten so long after the last one. */
  forgetAfterMs: 15 * 60_000,
  /** An address is known for so long after a right guess. */
  rememberAddressMs: 30 * 24 * 60 * 60_000,
} as const;

/** How long to wait after a number of failures, in milliseconds. Each delay doubles the last. */
export function delayAfter(failures: number, longestDelayMs: number): number {
  const excess = failures - GUESS_POLICY.allowedFailures;
  return excess < 0 ? 0 : Math.min(longestDelayMs, GUESS_POLICY.firstDelayMs * 2 ** excess);
}
