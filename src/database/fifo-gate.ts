/** Gives back what {@link FifoGate.enter} granted. Calling it again does nothing. */
export type Leave = () => void;

/** Lets one holder at a time pass, in order of arrival, and bounds how long anybody waits. */
export class FifoGate {
  private occupied = false;
  private readonly waiting = new Set<() => void>();

  /**
   * @param maxWaitMs how long `enter` waits before it gives up, in milliseconds
   * @param timeoutError made for the caller whose wait ran out
   */
  constructor(
    private readonly maxWaitMs: number,
    private readonly timeoutError: () => Error,
  ) {}

  /** Resolves once the gate is free. Rejects with `timeoutError()` after `maxWaitMs`. */
  async enter(): Promise<Leave> {
    if (this.occupied) await this.waitForTurn();
    this.occupied = true;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.admitNext();
    };
  }

  private waitForTurn(): Promise<void> {
    return new Promise((resolve, reject) => {
      const admit = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.waiting.delete(admit);
        reject(this.timeoutError());
      }, this.maxWaitMs);
      this.waiting.add(admit);
    });
  }

  /** Hands the gate straight to the next in line, so that a newcomer cannot slip in between. */
  private admitNext(): void {
    const [next] = this.waiting;
    if (next) {
      this.waiting.delete(next);
      next();
    } else {
      this.occupied = false;
    }
  }
}
