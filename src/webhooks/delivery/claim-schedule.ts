import { AsyncResource } from 'node:async_hooks';
import { eventPauseMs, pause } from '../../common/pause';

/**
 * The pause after a claim, in milliseconds, at least. It is longer after a longer claim, so that a log that grows all
 * the time leaves the database to others: up to this maximum, unless the claim takes even longer.
 */
const MIN_PAUSE_MS = 10;
const MAX_PAUSE_MS = 50;

/** Claims one at a time, when it is wanted. */
export class ClaimSchedule {
  private running = Promise.resolve();
  /** The claim that has not begun yet: all calls until then share it. */
  private next: Promise<void> | undefined;
  /** When the pause after the last claim ends, in milliseconds of `performance.now()`. */
  private notBefore = -Infinity;
  private readonly stopping = new AbortController();

  private readonly claim: () => Promise<void>;

  constructor(claim: () => Promise<void>) {
    // Neither claims nor the turns that they begin belong to the request that wants them.
    this.claim = AsyncResource.bind(claim);
  }

  /** Claims after the claim that is running and a pause. Resolves after that claim; rejects when it has failed. */
  run(): Promise<void> {
    return (this.next ??= this.claimNext());
  }

  /** Begins no more claims, and ends the pause. */
  stop(): void {
    this.stopping.abort();
  }

  /** Waits until no claim is running or wanted. Never rejects. */
  async idle(): Promise<void> {
    while (this.next) await ended(this.next);
    await ended(this.running);
  }

  private async claimNext(): Promise<void> {
    await ended(this.running);
    await pause(this.notBefore - performance.now(), this.stopping.signal);
    if (this.next) this.running = this.next;
    this.next = undefined;
    if (!this.stopping.signal.aborted) await this.claimAndPause();
  }

  /** The pause also follows a claim that has failed. */
  private async claimAndPause(): Promise<void> {
    const startedAt = performance.now();
    try {
      await this.claim();
    } finally {
      const pauseMs = Math.max(MIN_PAUSE_MS, eventPauseMs(startedAt, MAX_PAUSE_MS));
      this.notBefore = performance.now() + pauseMs;
    }
  }
}

/** The callers of a claim handle its error. */
async function ended(claim: Promise<void>): Promise<void> {
  await claim.catch(() => undefined);
}
