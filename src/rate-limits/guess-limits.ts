import { Injectable } from '@nestjs/common';
import { RateLimitedError } from '../common/common.errors';
import { AppConfig } from '../config/app-config';
import { RateLimitCounters } from './rate-limit-counters';
import { SubjectKeys } from './subject-keys';

/** What is guessed at, and from where. */
export interface Guess {
  /** Such as `login:john@example.com`; an e-mail address has to be in normal form. */
  readonly target: string;
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
  async attempt<T>({ target, address }: Guess, check: () => Promise<T | null>): Promise<T | null> {
    if (!this.isEnabled) return check();
    const addressKey = this.keys.ofAddress(address);
    const keys = {
      target: `guess:target:${this.keys.of(target)}`,
      address: `guess:address:${addressKey}`,
      pair: `guess:pair:${this.keys.of(target, addressKey)}`,
    };
    const start = await this.counters.startGuess(keys);
    if (start.waitMs > 0) throw new RateLimitedError(toSeconds(start.waitMs));
    const outcome = await check();
    const waitMs = await this.counters.settleGuess(keys, start, outcome !== null);
    if (waitMs > 0) throw new RateLimitedError(toSeconds(waitMs));
    return outcome;
  }
}

function toSeconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1_000);
}
