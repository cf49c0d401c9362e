/**
 * Why the job releases an order. A release and a postponement lead to the same status, and their history entries
 * differ by these reasons. So one that was used stays in the list, and steps cannot use them (`toStorableReason`).
 */
export const RELEASE_REASON = {
  notBegun: 'The instance that claimed it did not begin',
  interrupted: 'The instance that worked on it was shut down',
  suspect: 'The instance that worked on it was shut down by an error',
  abandoned: 'The process that worked on it did not finish it',
} as const;

/** Those of earlier releases. */
const FORMER_REASONS = ['The process that claimed it did not begin', 'The server was shut down'];

const RELEASE_REASONS: ReadonlySet<string> = new Set([
  ...Object.values(RELEASE_REASON),
  ...FORMER_REASONS,
]);

/** Whether a step back to `pending` is a release, not a postponement. */
export function isReleaseReason(reason: string | null): boolean {
  return reason !== null && RELEASE_REASONS.has(reason);
}
