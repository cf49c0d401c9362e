import { Injectable } from '@nestjs/common';
import { genSaltSync, getRounds } from 'bcryptjs';
import { AppConfig } from '../config/app-config';
import { GuessLimits } from '../rate-limits/guess-limits';
import type { User } from '../users/user.entity';
import { InvalidCredentialsError } from './auth.errors';
import type { HashCaller } from './hash-queue';
import { PasswordHasher } from './password-hasher';

/** A caller that has to prove that it knows a password. */
export type GuessingCaller = HashCaller & { readonly purpose: 'login' | 'password' };

/** The names of wrong guesses in problem details. */
const FAILURES = { login: 'failed logins', password: 'wrong passwords' } as const;

/** Checks the passwords of users, and hashes new ones. */
@Injectable()
export class Passwords {
  /** The bcrypt cost of new hashes. */
  private readonly cost: number;

  /** Matches no password, but takes as long to check as a real hash. */
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
   * An unknown account and a wrong password take the same time and throw the same error.
   * @throws InvalidCredentialsError, RateLimitedError
   */
  async authenticate(
    password: string,
    caller: GuessingCaller,
    findUser: () => Promise<User | null>,
  ): Promise<User> {
    const { purpose, account, address } = caller;
    const guess = { target: `${purpose}:${account}`, failures: FAILURES[purpose], address };
    const user = await this.guesses.attempt(guess, async () => {
      const found = await findUser();
      const hash = found?.passwordHash ?? this.decoyHash;
      return (await this.hasher.matches(password, hash, caller)) ? found : null;
    });
    if (!user) throw new InvalidCredentialsError();
    return user;
  }

  /** @returns the hash of a correct password: a new one when the cost was raised since it was made */
  async upToDateHash(
    { passwordHash }: User,
    password: string,
    caller: HashCaller,
  ): Promise<string> {
    return getRounds(passwordHash) < this.cost ? this.hash(password, caller) : passwordHash;
  }
}
