/** Releases what {@link Semaphore.acquire} granted. A second call does nothing. */
export type Release = () => void;

/** A semaphore that serves its callers in order of arrival. Every wait is bounded. */
export class Semaphore {
  private holders = 0;
  private readonly waiting = new Set<() => void>();

  /**
   * @param maxWaitMs how long `acquire` waits before it rejects, in milliseconds
   * @param timeoutError creates the error of a caller that has waited for so long
   * @param capacity how many callers may hold it at the same time
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

  /** Rejects with `timeoutError()` after `maxWaitMs`. */
  async acquire(maxWaitMs = this.maxWaitMs): Promise<Release> {
    return this.tryAcquire() ?? this.waitForTurn(maxWaitMs);
  }

  /** @returns undefined when the caller would have to wait */
  tryAcquire(): Release | undefined {
    if (this.holders >= this.capacity) return undefined;
    this.holders++;
    return this.createRelease();
  }

  private createRelease(): Release {
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      this.admitNext();
    };
  }

  private waitForTurn(maxWaitMs: number): Promise<Release> {
    return new Promise((resolve, reject) => {
      const admit = () => {
        clearTimeout(timer);
        resolve(this.createRelease());
      };
      const timer = setTimeout(() => {
        this.waiting.delete(admit);
        reject(this.timeoutError());
      }, maxWaitMs);
      this.waiting.add(admit);
    });
  }

  /** Passes the place directly to the next caller, so that a newcomer cannot overtake it. */
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
