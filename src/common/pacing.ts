/** The share of the time that paced work may take. */
const MAX_SHARE = 0.05;

/** Limits how often costly work is repeated: the more time it takes, the longer is the pause after it. */
export class Pacing {
  private nextAt = -Infinity;

  /**
   * @param minPauseMs how long the pause is after work that takes no time, in milliseconds
   * @param maxPauseMs how long it is at most
   * @param now a monotonic clock, in milliseconds
   */
  constructor(
    private readonly minPauseMs: number,
    private readonly maxPauseMs = Infinity,
    private readonly now = () => performance.now(),
  ) {}

  /** False while the work is running, and during the pause after it. */
  get isDue(): boolean {
    return this.now() >= this.nextAt;
  }

  /** How long the rest of the pause is, in milliseconds. Infinite while the work is running. */
  get remainingPauseMs(): number {
    return Math.max(0, this.nextAt - this.now());
  }

  /** Does the work, whether or not it is due. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    const startedAt = this.now();
    this.nextAt = Infinity;
    try {
      return await work();
    } finally {
      // Also after an error: work that exceeds the time limit must not be repeated at once.
      const endedAt = this.now();
      const pauseMs = Math.max(this.minPauseMs, (endedAt - startedAt) / MAX_SHARE);
      this.nextAt = endedAt + Math.min(pauseMs, this.maxPauseMs);
    }
  }
}
