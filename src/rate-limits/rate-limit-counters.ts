import type { ThrottlerStorage } from '@nestjs/throttler';

/** What the throttler's storage answers; durations are in seconds. */
export type RequestCount = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** Where the failures of one guess are counted. */
export interface GuessKeys {
  /** What is guessed at. */
  readonly target: string;
  readonly address: string;
  /** Remembers that a guess at the target was right at the address. */
  readonly pair: string;
}

/** A guess that may be checked, unless it has to wait. */
export interface GuessStart {
  /** When it began, in milliseconds of the clock of whoever counts. */
  readonly startedAt: number;
  /** True when the pair is remembered: then the failures of the address count, and no others. */
  readonly isKnown: boolean;
  /** How long nothing may be guessed, in milliseconds; 0 when nothing speaks against it. */
  readonly waitMs: number;
}

/** Counts requests and failures. The abstract class is also the injection token. */
export abstract class RateLimitCounters implements ThrottlerStorage {
  /**
   * Counts a request in the window that began with the first one.
   * @param windowMs length of the window
   */
  abstract increment(key: string, windowMs: number, limit: number): Promise<RequestCount>;

  /** Looks whether a guess may be made; counts nothing. */
  abstract startGuess(keys: GuessKeys): Promise<GuessStart>;

  /**
   * Counts the outcome of a guess, unless others have used up the failures that were allowed since
   * it began; then nothing is counted, and nobody may be told the outcome.
   * @returns how long to wait, in milliseconds; 0 when the outcome may be told
   */
  abstract settleGuess(keys: GuessKeys, start: GuessStart, isRight: boolean): Promise<number>;
}

/** Describes a window that ends in `remainingMs`. */
export function toRequestCount(hits: number, remainingMs: number, limit: number): RequestCount {
  const seconds = Math.max(1, Math.ceil(remainingMs / 1_000));
  const isBlocked = hits > limit;
  return {
    totalHits: hits,
    timeToExpire: seconds,
    isBlocked,
    timeToBlockExpire: isBlocked ? seconds : 0,
  };
}
