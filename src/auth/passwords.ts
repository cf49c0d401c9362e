import { Injectable } from '@nestjs/common';
import { genSaltSync, getRounds } from 'bcryptjs';
import { AppConfig } from '../config/app-config';
import { GuessLimits } from '../rate-limits/guess-limits';
import type { User } from '../users/user.entity';
import { InvalidCredentialsError } from './auth.errors';
import type { HashCaller } from './hash-queue';
import { PasswordHasher } from './password-hasher';

/** A caller who has to know a password. */
export type GuessingCaller = HashCaller & { readonly purpose: 'login' | 'password' };

/** What guesses that are wrong are called in the problem document. */
const FAILURES = { login: 'failed logins', password: 'wrong passwords' } as const;

/** Finds out whether somebody knows the password of an account, and hashes new ones. */
@Injectable()
export class Passwords {
  /** log2 of the rounds of new hashes. */
  private readonly cost: number;

  /** Matches no password, and costs as much to check as a real hash. */
  private readonly decoyHash: string;

  constructor(
    private readonly hasher: PasswordHasher,
    private readonly guesses: GuessLimits,
    { auth }: AppConfig,
  ) {
    this.cost = auth.bcryptCost;
    this.decoyHash = genSaltSync(this.cost) + '.'.repeat(31);
  }

  hash(password: string, caller: HashCaller): Promise<string> {
    return this.hasher.hash(password, caller);
  }

  /**
   * An account that does not exist and a wrong password take the same time and give the same answer.
   * @throws InvalidCredentialsError, RateLimitedError
   */
  async authenticate(
    password: string,
    caller: GuessingCaller,
    find: () => Promise<User | null>,
  ): Promise<User> {
    const { purpose, account, address } = caller;
    const guess = { target: `${purpose}:${account}`, failures: FAILURES[purpose], address };
    const user = await this.guesses.attempt(guess, async () => {
      const found = await find();
      const hash = found?.passwordHash ?? this.decoyHash;
      return (await this.hasher.matches(password, hash, caller)) ? found : null;
    });
    if (!user) throw new InvalidCredentialsError();
    return user;
  }

  /** The hash of a password that was right: a new one where the old one was cheaper than today's. */
  async upToDateHash(
    { passwordHash }: User,
    password: string,
    caller: HashCaller,
  ): Promise<string> {
    return getRounds(passwordHash) < this.cost ? this.hash(password, caller) : passwordHash;
  }
}
