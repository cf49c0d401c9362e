import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AuthenticatedUser } from '../common/access.decorators';
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
import { Passwords } from './passwords';
import { RefreshTokens } from './refresh-tokens';
import { SessionRefresh } from './session-refresh';
import type { OpenSession } from './session-statements';
import { SessionsService } from './sessions.service';

/** Opens accounts, and logs people in: what passwords and refresh tokens are exchanged for. */
@Injectable()
export class AuthService {
  private readonly logger = new Logger(AuthService.name);

  constructor(
    private readonly users: UsersService,
    private readonly passwords: Passwords,
    private readonly sessions: SessionsService,
    private readonly refreshes: SessionRefresh,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
  ) {}

  /** @throws EmailTakenError */
  async register({ name, email, password }: RegisterRequest): Promise<User> {
    const passwordHash = await this.passwords.hash(password);
    return this.users.create({ name, email, passwordHash });
  }

  /** @throws InvalidCredentialsError, RateLimitedError */
  async login({ email, password }: LoginRequest, client: Client): Promise<TokenResponse> {
    const guess = {
      target: `login:${email}`,
      failures: 'failed logins',
      address: client.ipAddress,
    };
    const find = () => this.users.findByEmail(email);
    const user = await this.passwords.authenticate(guess, password, find);
    const to = await this.passwords.upToDateHash(user, password);
    const session = await this.sessions.open(user.id, client, (manager) =>
      this.exchangeHash(manager, user, to),
    );
    return this.tokensFor(session);
  }

  /** @throws RefreshTokenInvalidError, RefreshTokenReusedError */
  async refresh(refreshToken: string): Promise<TokenResponse> {
    return this.tokensFor(await this.refreshes.refresh(this.refreshTokens.read(refreshToken)));
  }

  /**
   * Ends all other sessions, as somebody else may have logged in, and all tokens of the current one,
   * of which somebody may have a copy.
   * @throws InvalidCredentialsError when the current password is another one, RateLimitedError
   */
  async changePassword(
    current: AuthenticatedUser,
    { current_password, new_password }: ChangePasswordRequest,
    client: Client,
  ): Promise<TokenResponse> {
    const { id } = current;
    const guess = {
      target: `password:${id}`,
      failures: 'wrong passwords',
      address: client.ipAddress,
    };
    const find = () => this.users.findById(id);
    const user = await this.passwords.authenticate(guess, current_password, find);
    const to = await this.passwords.hash(new_password);
    const session = await this.sessions.renewAlone(current, (manager) =>
      this.exchangeHash(manager, user, to),
    );
    this.logger.log({ msg: 'Password changed', event: 'password_changed', user_id: user.id });
    return this.tokensFor(session);
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
