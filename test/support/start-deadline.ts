/**
 * How long a process may take to start, in milliseconds: several at the same time on a busy machine take long. One
 * that ends is noticed at once.
 */
export const START_DEADLINE_MS = 120_000;
