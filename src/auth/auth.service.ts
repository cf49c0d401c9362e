import { Injectable } from '@nestjs/common';
import { genSaltSync } from 'bcryptjs';
import { AppConfig } from '../config/app-config';
import { GuessLimits } from '../rate-limits/guess-limits';
import type { User } from '../users/user.entity';
import { UsersService } from '../users/users.service';
import { AccessTokens } from './access-tokens';
import type { LoginRequest, RegisterRequest, TokenResponse } from './auth.dto';
import { InvalidCredentialsError } from './auth.errors';
import { PasswordHasher } from './password-hasher';

@Injectable()
export class AuthService {
  /** Matches no password, and costs as much to check as a real hash. */
  private readonly decoyHash: string;

  constructor(
    private readonly users: UsersService,
    private readonly hasher: PasswordHasher,
    private readonly tokens: AccessTokens,
    private readonly guesses: GuessLimits,
    { auth }: AppConfig,
  ) {
    this.decoyHash = genSaltSync(auth.bcryptCost) + '.'.repeat(31);
  }

  /** @throws EmailTakenError */
  async register({ name, email, password }: RegisterRequest): Promise<User> {
    const passwordHash = await this.hasher.hash(password);
    return this.users.create({ name, email, passwordHash });
  }

  /**
   * An unknown address and a wrong password take the same time and give the same answer.
   * @throws InvalidCredentialsError, RateLimitedError
   */
  async login({ email, password }: LoginRequest, address: string): Promise<TokenResponse> {
    const guess = { target: `login:${email}`, address };
    const user = await this.guesses.attempt(guess, () => this.findByCredentials(email, password));
    if (!user) throw new InvalidCredentialsError();
    return {
      access_token: await this.tokens.issue(user.id),
      token_type: 'bearer',
      expires_in: this.tokens.lifetimeSeconds,
    };
  }

  private async findByCredentials(email: string, password: string): Promise<User | null> {
    const user = await this.users.findByEmail(email);
    const matches = await this.hasher.matches(password, user?.passwordHash ?? this.decoyHash);
    return matches ? user : null;
  }
}
