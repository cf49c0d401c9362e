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
  readonly endsAt: number;
}

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
  private readonly known = new LRUCache<string, Failures & { readonly knownUntil: number }>({
    max: MAX_COUNTERS,
  });

  constructor(private readonly clock: Clock) {
    super();
  }

  async increment(key: string, windowMs: number, limit: number): Promise<RequestCount> {
    const now = this.now();
    let window = this.windows.get(key);
    if (!window || window.endsAt <= now) {
      window = { hits: 0, endsAt: now + windowMs };
      this.windows.set(key, window);
    }
    window.hits++;
    return toRequestCount(window.hits, window.endsAt - now, limit);
  }

  async startGuess({ target, address, pair }: GuessKeys): Promise<GuessStart> {
    const now = this.now();
    const known = this.knownPair(pair, now);
    const blockedUntil = Math.max(
      (known ?? this.failuresOf(target)).blockedUntil,
      this.failuresOf(address).blockedUntil,
    );
    return {
      startedAt: now,
      isKnown: known !== undefined,
      waitMs: Math.max(0, blockedUntil - now),
    };
  }

  async settleGuess(keys: GuessKeys, start: GuessStart, isRight: boolean): Promise<number> {
    const { target, address, pair } = keys;
    const now = this.now();
    const known = start.isKnown ? this.knownPair(pair, now) : undefined;
    const blockedUntil = Math.max(
      (known ?? this.failuresOf(target)).blockedUntil,
      this.failuresOf(address).blockedUntil,
    );
    if (blockedUntil > start.startedAt) return Math.max(1, blockedUntil - now);

    if (isRight) {
      this.failures.delete(target);
      const knownUntil = now + GUESS_POLICY.rememberAddressMs;
      this.known.set(pair, { ...NO_FAILURES, knownUntil });
      return 0;
    }
    const { longestDelayOfTargetMs, longestDelayOfAddressMs } = GUESS_POLICY;
    if (known)
      this.known.set(pair, { ...known, ...afterOneMore(known, longestDelayOfTargetMs, now) });
    else
      this.failures.set(target, afterOneMore(this.failuresOf(target), longestDelayOfTargetMs, now));
    this.failures.set(
      address,
      afterOneMore(this.failuresOf(address), longestDelayOfAddressMs, now),
    );
    return 0;
  }

  private failuresOf(key: string): Failures {
    return this.failures.get(key) ?? NO_FAILURES;
  }

  private knownPair(pair: string, now: number) {
    const known = this.known.get(pair);
    return known && known.knownUntil > now ? known : undefined;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

function afterOneMore(
  { count, forgetAt }: Failures,
  longestDelayMs: number,
  now: number,
): Failures {
  const failures = forgetAt > now ? count + 1 : 1;
  const delayMs = delayAfter(failures, longestDelayMs);
  return {
    count: failures,
    blockedUntil: delayMs > 0 ? now + delayMs : 0,
    forgetAt: now + GUESS_POLICY.forgetAfterMs,
  };
}
