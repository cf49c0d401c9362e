import { Injectable } from '@nestjs/common';
import { boundedCache } from '../common/bounded-cache';
import { Clock } from '../common/clock';
import { GUESS_POLICY, delayMsAfter } from './guess-policy';
import type {
  GuessKeys,
  GuessStart,
  RateLimitCounters,
  RequestWindow,
} from './rate-limit-counters';

/** Of each kind. At the limit the least recently used entry is evicted. */
export const MAX_COUNTERS = 50_000;

// All instants are those of `Clock.monotonicMs`.
interface Window {
  requests: number;
  readonly endsAt: number;
}

interface Failures {
  readonly count: number;
  readonly blockedUntil: number;
  readonly forgetAt: number;
}

const NO_FAILURES: Failures = { count: 0, blockedUntil: 0, forgetAt: 0 };

/** Counts in the memory of this process, at most some 50 MB. */
@Injectable()
export class ProcessCounters implements RateLimitCounters {
  // Separate caches: a flood of requests evicts windows, but no failures.
  private readonly windows = boundedCache<string, Window>(MAX_COUNTERS);
  private readonly failures = boundedCache<string, Failures>(MAX_COUNTERS);
  /** The instant until which a pair is known. */
  private readonly pairs = boundedCache<string, number>(MAX_COUNTERS);

  constructor(private readonly clock: Clock) {}

  async countRequest(key: string, windowMs: number): Promise<RequestWindow> {
    const now = this.clock.monotonicMs();
    let window = this.windows.get(key);
    if (!window || window.endsAt <= now) {
      window = { requests: 0, endsAt: now + windowMs };
      this.windows.set(key, window);
    }
    window.requests++;
    return { requests: window.requests, remainingMs: window.endsAt - now };
  }

  async startGuess(keys: GuessKeys): Promise<GuessStart> {
    const now = this.clock.monotonicMs();
    const isKnown = (this.pairs.get(keys.pair) ?? 0) > now;
    const waitMs = Math.max(0, this.blockedUntil(keys, isKnown) - now);
    return { startedAt: now, isKnown, waitMs };
  }

  async settleGuess(keys: GuessKeys, start: GuessStart, isRight: boolean): Promise<number> {
    const { target, address, pair } = keys;
    const { startedAt, isKnown } = start;
    const now = this.clock.monotonicMs();
    const blockedUntil = this.blockedUntil(keys, isKnown);
    if (blockedUntil > startedAt) return Math.max(1, blockedUntil - now);

    if (isRight) {
      // A right guess at a known address must not clear the failures that strangers caused elsewhere.
      if (!isKnown) this.failures.delete(target);
      this.pairs.set(pair, now + GUESS_POLICY.rememberAddressMs);
      return 0;
    }
    if (!isKnown) this.countFailure(target, GUESS_POLICY.longestDelayOfTargetMs, now);
    this.countFailure(address, GUESS_POLICY.longestDelayOfAddressMs, now);
    return 0;
  }

  private blockedUntil({ target, address }: GuessKeys, isKnown: boolean): number {
    const ofAddress = this.failuresOf(address).blockedUntil;
    return isKnown ? ofAddress : Math.max(ofAddress, this.failuresOf(target).blockedUntil);
  }

  private countFailure(key: string, longestDelayMs: number, now: number): void {
    const { count, forgetAt } = this.failuresOf(key);
    const failures = forgetAt > now ? count + 1 : 1;
    const delayMs = delayMsAfter(failures, longestDelayMs);
    this.failures.set(key, {
      count: failures,
      blockedUntil: delayMs > 0 ? now + delayMs : 0,
      forgetAt: now + GUESS_POLICY.forgetAfterMs,
    });
  }

  private failuresOf(key: string): Failures {
    return this.failures.get(key) ?? NO_FAILURES;
  }
}
