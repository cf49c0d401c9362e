import { Injectable } from '@nestjs/common';
import { RateLimitedError } from '../errors/common.errors';
import type { RateLimit } from '../common/rate-limit-headers';
import { AppConfig } from '../config/app-config';
import { GUESS_POLICY } from './guess-policy';
import { RateLimitCounters } from './rate-limit-counters';
import { SubjectKeys } from './subject-keys';

/** What is guessed at, and from where. */
export interface Guess {
  /** Such as `login:john@example.com`; an e-mail address has to be in normal form. */
  readonly target: string;
  /** What failures are called in the problem document, such as `failed logins`. */
  readonly failures: string;
  /** `request.ip` */
  readonly address: string;
}

/**
 * Slows down whoever guesses at passwords: see {@link GUESS_POLICY} for how much. Failures count
 * for the target and for the address. At an address where a guess at the target was right lately
 * only those of the address do, so that strangers elsewhere cannot keep out the owner.
 */
@Injectable()
export class GuessLimits {
  private readonly isEnabled: boolean;

  constructor(
    private readonly counters: RateLimitCounters,
    private readonly keys: SubjectKeys,
    { rateLimits }: AppConfig,
  ) {
    this.isEnabled = rateLimits.enabled;
  }

  /**
   * Checks one guess. Of many at once, no more outcomes are told than failures are allowed.
   * @param check gives null when the guess is wrong; when it throws, nothing is counted
   * @throws RateLimitedError before the check, or in place of its outcome
   */
  async attempt<T>(
    { target, failures, address }: Guess,
    check: () => Promise<T | null>,
  ): Promise<T | null> {
    if (!this.isEnabled) return check();
    const addressKey = this.keys.ofAddress(address);
    const keys = {
      target: `guess:target:${this.keys.of(target)}`,
      address: `guess:address:${addressKey}`,
      pair: `guess:pair:${this.keys.of(target, addressKey)}`,
    };
    const start = await this.counters.startGuess(keys);
    if (start.waitMs > 0) throw refusal(failures, start.waitMs);
    const outcome = await check();
    const waitMs = await this.counters.settleGuess(keys, start, outcome !== null);
    if (waitMs > 0) throw refusal(failures, waitMs);
    return outcome;
  }
}

const GUESSES: RateLimit = {
  policy: 'guesses',
  quota: GUESS_POLICY.allowedFailures,
  windowSeconds: GUESS_POLICY.forgetAfterMs / 1_000,
};

/** The same whether or not what is guessed at exists. */
function refusal(failures: string, waitMs: number): RateLimitedError {
  const seconds = Math.ceil(waitMs / 1_000);
  const wait = seconds === 1 ? '1 second' : `${seconds} seconds`;
  return new RateLimitedError(seconds, `Too many ${failures}. Try again in ${wait}`, GUESSES);
}
