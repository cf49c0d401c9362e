/** A window of time, which begins with the first request that is counted in it. */
export interface RequestWindow {
  /** Counted in it so far. */
  readonly requests: number;
  readonly remainingMs: number;
}

/** The counters that one guess belongs to. */
export interface GuessKeys {
  readonly target: string;
  readonly address: string;
  /** Set when a guess at the target from the address is right. */
  readonly pair: string;
}

/** The state of the counters when a guess begins. */
export interface GuessStart {
  /** In milliseconds, by the clock of the counters. */
  readonly startedAt: number;
  /** True when the pair is set. Then only the failures of the address count. */
  readonly isKnown: boolean;
  /** How long guesses are rejected, in milliseconds; 0 when this one is allowed. */
  readonly waitMs: number;
}

/** Counts requests and wrong guesses. Also the injection token. All durations are milliseconds. */
export abstract class RateLimitCounters {
  /** @returns the window, with this request counted */
  abstract countRequest(key: string, windowMs: number): Promise<RequestWindow>;

  /** Returns whether a guess is allowed. Counts nothing. */
  abstract startGuess(keys: GuessKeys): Promise<GuessStart>;

  /**
   * Counts the outcome of a guess. When a delay has begun since the guess did, nothing is counted,
   * and the outcome must stay secret.
   * @returns how long guesses are rejected, in milliseconds; 0 when the outcome may be disclosed
   */
  abstract settleGuess(keys: GuessKeys, start: GuessStart, isRight: boolean): Promise<number>;
}
