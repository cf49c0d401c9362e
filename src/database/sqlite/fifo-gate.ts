/** Gives back what {@link FifoGate.enter} granted. Calling it again does nothing. */
export type Leave = () => void;

/** Admits a number of holders at a time, in order of arrival. Every wait is bounded. */
export class FifoGate {
  private holders = 0;
  private readonly waiting = new Set<() => void>();

  /**
   * @param maxWaitMs how long `enter` waits before it rejects, in milliseconds
   * @param timeoutError creates the error of a caller that has waited for so long
   * @param capacity how many holders are admitted at the same time
   */
  constructor(
    private readonly maxWaitMs: number,
    private readonly timeoutError: () => Error,
    private readonly capacity = 1,
  ) {}

  get waitingCount(): number {
    return this.waiting.size;
  }

  get isUnused(): boolean {
    return this.holders === 0;
  }

  /** Resolves once the gate admits the caller. Rejects with `timeoutError()` after `maxWaitMs`. */
  async enter(): Promise<Leave> {
    return this.tryEnter() ?? this.waitForTurn();
  }

  /** @returns undefined when the caller would have to wait */
  tryEnter(): Leave | undefined {
    if (this.holders >= this.capacity) return undefined;
    this.holders++;
    return this.createLeave();
  }

  private createLeave(): Leave {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.admitNext();
    };
  }

  private waitForTurn(): Promise<Leave> {
    return new Promise((resolve, reject) => {
      const admit = () => {
        clearTimeout(timer);
        resolve(this.createLeave());
      };
      const timer = setTimeout(() => {
        this.waiting.delete(admit);
        reject(this.timeoutError());
      }, this.maxWaitMs);
      this.waiting.add(admit);
    });
  }

  /** Hands the place straight to the next in line, so that a newcomer cannot slip in between. */
  private admitNext(): void {
    const [next] = this.waiting;
    if (next) {
      this.waiting.delete(next);
      next();
    } else {
      this.holders--;
    }
  }
}
