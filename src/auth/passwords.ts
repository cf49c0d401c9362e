import { Injectable } from '@nestjs/common';
import { genSaltSync, getRounds } from 'bcryptjs';
import { AppConfig } from '../config/app-config';
import { type Guess, GuessLimits } from '../rate-limits/guess-limits';
import type { User } from '../users/user.entity';
import { InvalidCredentialsError } from './auth.errors';
import { PasswordHasher } from './password-hasher';

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

  hash(password: string): Promise<string> {
    return this.hasher.hash(password);
  }

  /**
   * An account that does not exist and a wrong password take the same time and give the same answer.
   * @throws InvalidCredentialsError, RateLimitedError
   */
  async authenticate(
    guess: Guess,
    password: string,
    find: () => Promise<User | null>,
  ): Promise<User> {
    const user = await this.guesses.attempt(guess, async () => {
      const found = await find();
      const matches = await this.hasher.matches(password, found?.passwordHash ?? this.decoyHash);
      return matches ? found : null;
    });
    if (!user) throw new InvalidCredentialsError();
    return user;
  }

  /** The hash of a password that was right: a new one where the old one was cheaper than today's. */
  async upToDateHash({ passwordHash }: User, password: string): Promise<string> {
    return getRounds(passwordHash) < this.cost ? this.hash(password) : passwordHash;
  }
}
