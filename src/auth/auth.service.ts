import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AuthenticatedUser } from '../api/access.decorators';
import { OneInFlight } from '../rate-limits/one-in-flight';
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
import type { HashCaller } from './hash-queue';
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
    private readonly inFlight: OneInFlight,
    private readonly sessions: SessionsService,
    private readonly refreshes: SessionRefresh,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
  ) {}

  /** @throws EmailTakenError */
  async register({ name, email, password }: RegisterRequest, client: Client): Promise<User> {
    const caller = callerOf('registration', email, client);
    const passwordHash = await this.passwords.hash(password, caller);
    return this.users.create({ name, email, passwordHash });
  }

  /** @throws InvalidCredentialsError, RateLimitedError */
  async login({ email, password }: LoginRequest, client: Client): Promise<TokenResponse> {
    const caller = callerOf('login', email, client);
    const find = () => this.users.findByEmail(email);
    const user = await this.passwords.authenticate(password, caller, find);
    const to = await this.passwords.upToDateHash(user, password, caller);
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
  changePassword(
    current: AuthenticatedUser,
    request: ChangePasswordRequest,
    client: Client,
  ): Promise<TokenResponse> {
    return this.inFlight.run(`password:${current.id}`, () =>
      this.exchangePassword(current, request, client),
    );
  }

  private async exchangePassword(
    current: AuthenticatedUser,
    { current_password, new_password }: ChangePasswordRequest,
    client: Client,
  ): Promise<TokenResponse> {
    const { id } = current;
    const caller = callerOf('password', String(id), client);
    const find = () => this.users.findById(id);
    const user = await this.passwords.authenticate(current_password, caller, find);
    const to = await this.passwords.hash(new_password, caller);
    const session = await this.sessions.renewAlone(current, (manager) =>
      this.exchangeHash(manager, user, to),
    );
    this.logger.log({ msg: 'Password changed', event: 'password_changed', user_id: id });
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

function callerOf<Purpose extends HashCaller['purpose']>(
  purpose: Purpose,
  account: string,
  { ipAddress }: Client,
): HashCaller & { readonly purpose: Purpose } {
  return { purpose, account, address: ipAddress };
}
