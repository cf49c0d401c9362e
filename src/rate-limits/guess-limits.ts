import { Injectable } from '@nestjs/common';
import { Measurements } from '../common/measurements';
import type { RateLimit } from '../common/rate-limit-headers';
import { AppConfig } from '../config/app-config';
import { RateLimitedError } from '../errors/common.errors';
import { GUESS_POLICY } from './guess-policy';
import { RateLimitCounters } from './rate-limit-counters';
import { SubjectKeys } from './subject-keys';

/** An attempt to log in or to confirm a password. */
export interface Guess {
  /** What is guessed at, such as `login:john@example.com`, with the normalized e-mail address. */
  readonly target: string;
  /** The name of failures in the problem document, such as `failed logins`. */
  readonly failures: string;
  /** `request.ip` */
  readonly address: string;
}

const GUESSES: RateLimit = {
  policy: 'guesses',
  quota: GUESS_POLICY.allowedFailures,
  windowSeconds: GUESS_POLICY.forgetAfterMs / 1_000,
};

/**
 * Delays guesses at passwords by {@link GUESS_POLICY}. A failure counts for the target and for the
 * address. At an address where a guess at the target was right lately, only the failures of the
 * address count, so that strangers elsewhere cannot lock out the owner.
 */
@Injectable()
export class GuessLimits {
  private readonly isEnabled: boolean;

  constructor(
    private readonly counters: RateLimitCounters,
    private readonly keys: SubjectKeys,
    private readonly measurements: Measurements,
    { rateLimits }: AppConfig,
  ) {
    this.isEnabled = rateLimits.enabled;
  }

  /**
   * Checks one guess. No outcome is disclosed once simultaneous guesses have used up the allowed
   * failures.
   * @param check resolves to null when the guess is wrong; when it throws, nothing is counted
   * @throws RateLimitedError before the check, or instead of its outcome
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
    if (start.waitMs > 0) throw this.refusal(failures, start.waitMs);
    const outcome = await check();
    const waitMs = await this.counters.settleGuess(keys, start, outcome !== null);
    if (waitMs > 0) throw this.refusal(failures, waitMs);
    return outcome;
  }

  /** The same whether or not the account exists. */
  private refusal(failures: string, waitMs: number): RateLimitedError {
    this.measurements.requestRejected(GUESSES.policy);
    const seconds = Math.ceil(waitMs / 1_000);
    const wait = seconds === 1 ? '1 second' : `${seconds} seconds`;
    return new RateLimitedError(seconds, `Too many ${failures}. Try again in ${wait}`, GUESSES);
  }
}
