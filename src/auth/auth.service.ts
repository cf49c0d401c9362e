import { Injectable, Logger } from '@nestjs/common';
import { genSaltSync, getRounds } from 'bcryptjs';
import type { EntityManager } from 'typeorm';
import type { AuthenticatedUser } from '../common/access.decorators';
import { AppConfig } from '../config/app-config';
import { type Guess, GuessLimits } from '../rate-limits/guess-limits';
import type { User } from '../users/user.entity';
import { UsersService } from '../users/users.service';
import { AccessTokens } from './access-tokens';
import type {
  ChangePasswordRequest,
  LoginRequest,
  RegisterRequest,
  TokenResponse,
} from './auth.dto';
import { InvalidCredentialsError } from './auth.errors';
import type { Client } from './client.decorator';
import { PasswordHasher } from './password-hasher';
import { RefreshTokens } from './refresh-tokens';
import { type OpenSession, SessionsService } from './sessions.service';

/** Opens accounts, and logs people in: what passwords and refresh tokens are exchanged for. */
@Injectable()
export class AuthService {
  private readonly logger = new Logger(AuthService.name);

  /** log2 of the rounds of new hashes. */
  private readonly cost: number;

  /** Matches no password, and costs as much to check as a real hash. */
  private readonly decoyHash: string;

  constructor(
    private readonly users: UsersService,
    private readonly hasher: PasswordHasher,
    private readonly guesses: GuessLimits,
    private readonly sessions: SessionsService,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
    { auth }: AppConfig,
  ) {
    this.cost = auth.bcryptCost;
    this.decoyHash = genSaltSync(this.cost) + '.'.repeat(31);
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
  async login({ email, password }: LoginRequest, client: Client): Promise<TokenResponse> {
    const guess = { target: `login:${email}`, address: client.ipAddress };
    const user = await this.authenticate(guess, password, () => this.users.findByEmail(email));
    const isOutdated = getRounds(user.passwordHash) < this.cost;
    const to = isOutdated ? await this.hasher.hash(password) : user.passwordHash;
    const session = await this.sessions.open(user.id, client, (manager) =>
      this.exchangeHash(manager, user, to),
    );
    return this.tokensFor(session);
  }

  /** @throws RefreshTokenInvalidError, RefreshTokenReusedError */
  async refresh(refreshToken: string): Promise<TokenResponse> {
    return this.tokensFor(await this.sessions.refresh(this.refreshTokens.read(refreshToken)));
  }

  /**
   * Ends all sessions but the current one, as somebody else may have logged in.
   * @throws InvalidCredentialsError when the current password is another one, RateLimitedError
   */
  async changePassword(
    current: AuthenticatedUser,
    { current_password, new_password }: ChangePasswordRequest,
    client: Client,
  ): Promise<void> {
    const { id } = current;
    const guess = { target: `password:${id}`, address: client.ipAddress };
    const user = await this.authenticate(guess, current_password, () => this.users.findById(id));
    const to = await this.hasher.hash(new_password);
    await this.sessions.endOthers(current, (manager) => this.exchangeHash(manager, user, to));
    this.logger.log({ msg: 'Password changed', event: 'password_changed', user_id: user.id });
  }

  private async authenticate(
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

  /** The password may have been changed since it was checked. */
  private async exchangeHash(manager: EntityManager, user: User, to: string): Promise<void> {
    const exchange = { from: user.passwordHash, to };
    const isUnchanged = await this.users.exchangePasswordHash(manager, user.id, exchange);
    if (!isUnchanged) throw new InvalidCredentialsError();
  }

  private async tokensFor(session: OpenSession): Promise<TokenResponse> {
    return {
      access_token: await this.accessTokens.issue(session),
      token_type: 'bearer',
      expires_in: this.accessTokens.lifetimeSeconds,
      refresh_token: this.refreshTokens.issue(session),
      refresh_expires_in: session.refreshSeconds,
    };
  }
}
