import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../common/clock';
import { GUESS_POLICY, delayAfter } from './guess-policy';
import {
  type GuessKeys,
  type GuessStart,
  RateLimitCounters,
  type RequestCount,
  toRequestCount,
} from './rate-limit-counters';

/** Of each kind; who makes up more addresses and e-mails than that pushes out the oldest. */
export const MAX_COUNTERS = 50_000;

interface Window {
  hits: number;
  /** By `Clock.monotonicMs`. */
  readonly endsAt: number;
}

/** Instants are those of `Clock.monotonicMs`. */
interface Failures {
  readonly count: number;
  readonly blockedUntil: number;
  readonly forgetAt: number;
}

const NO_FAILURES: Failures = { count: 0, blockedUntil: 0, forgetAt: 0 };

/** Counts in the memory of this process, of which it takes a bounded amount (some 50 MB). */
@Injectable()
export class ProcessCounters extends RateLimitCounters {
  // Apart from each other, so that what is cheap to fill cannot push out the rest.
  private readonly windows = new LRUCache<string, Window>({ max: MAX_COUNTERS });
  private readonly failures = new LRUCache<string, Failures>({ max: MAX_COUNTERS });
  /** Until when a pair is known, by `Clock.monotonicMs`. */
  private readonly pairs = new LRUCache<string, number>({ max: MAX_COUNTERS });

  constructor(private readonly clock: Clock) {
    super();
  }

  async increment(key: string, windowMs: number, limit: number): Promise<RequestCount> {
    const now = this.clock.monotonicMs();
    let window = this.windows.get(key);
    if (!window || window.endsAt <= now) {
      window = { hits: 0, endsAt: now + windowMs };
      this.windows.set(key, window);
    }
    window.hits++;
    return toRequestCount(window.hits, window.endsAt - now, limit);
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
      // A known address does not answer for what strangers do, or each login would let them go on.
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
    const delayMs = delayAfter(failures, longestDelayMs);
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
