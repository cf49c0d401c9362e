import { Injectable, Logger } from '@nestjs/common';
import type { AuthenticatedUser } from '../api/access.decorators';
import { type Transaction, Transactions } from '../database/transactions';
import { OneInFlight } from '../rate-limits/one-in-flight';
import type { User } from '../users/user.entity';
import { UsersService } from '../users/users.service';
import { InvalidCredentialsError } from './auth.errors';
import type { Client } from './client.decorator';
import type { HashCaller } from './hash-queue';
import { type GuessingCaller, Passwords } from './passwords';
import { SessionTokens, type Tokens } from './session-tokens';
import { SessionsService } from './sessions.service';

/** Proves that a user owns an account. */
export interface Credentials {
  readonly email: string;
  readonly password: string;
}

type Registration = Credentials & Pick<User, 'name'>;

/** The current password is checked before the new one replaces it. */
export interface PasswordChange {
  readonly currentPassword: string;
  readonly newPassword: string;
}

/** Registers accounts, logs users in, and changes their passwords. */
@Injectable()
export class AuthService {
  private readonly logger = new Logger(AuthService.name);

  constructor(
    private readonly users: UsersService,
    private readonly passwords: Passwords,
    private readonly inFlight: OneInFlight,
    private readonly sessions: SessionsService,
    private readonly tokens: SessionTokens,
    private readonly transactions: Transactions,
  ) {}

  /** @throws EmailTakenError */
  async register({ name, email, password }: Registration, { ipAddress }: Client): Promise<User> {
    const caller: HashCaller = { purpose: 'registration', account: email, address: ipAddress };
    const passwordHash = await this.passwords.hash(password, caller);
    return this.users.create({ name, email, passwordHash });
  }

  /** @throws InvalidCredentialsError, RateLimitedError */
  async login({ email, password }: Credentials, client: Client): Promise<Tokens> {
    const caller: GuessingCaller = { purpose: 'login', account: email, address: client.ipAddress };
    const findUser = () => this.users.findByEmail(email);
    const user = await this.passwords.authenticate(password, caller, findUser);
    const hash = await this.passwords.upToDateHash(user, password, caller);
    const session = await this.transactions.run(async (tx) => {
      await this.replaceHash(tx, user, hash);
      return this.sessions.start(tx, user.id, client);
    });
    return this.tokens.issue(session);
  }

  /**
   * Ends all other sessions, because an attacker may have logged in, and all tokens of the current
   * session, because an attacker may have copied them.
   * @throws InvalidCredentialsError when the current password is wrong, RateLimitedError
   */
  changePassword(
    current: AuthenticatedUser,
    change: PasswordChange,
    client: Client,
  ): Promise<Tokens> {
    return this.inFlight.run(`password:${current.id}`, () =>
      this.replacePassword(current, change, client),
    );
  }

  private async replacePassword(
    current: AuthenticatedUser,
    { currentPassword, newPassword }: PasswordChange,
    { ipAddress }: Client,
  ): Promise<Tokens> {
    const { id } = current;
    const caller: GuessingCaller = { purpose: 'password', account: `${id}`, address: ipAddress };
    const findUser = () => this.users.findById(id);
    const user = await this.passwords.authenticate(currentPassword, caller, findUser);
    const hash = await this.passwords.hash(newPassword, caller);
    const session = await this.transactions.run(async (tx) => {
      await this.replaceHash(tx, user, hash);
      await this.sessions.endOthers(tx, current);
      return this.sessions.replaceKey(tx, current);
    });
    this.logger.log({ msg: 'Password changed', event: 'password_changed', user_id: id });
    return this.tokens.issue(session);
  }

  /** Fails when the password was changed after it was checked. */
  private async replaceHash(tx: Transaction, user: User, to: string): Promise<void> {
    const exchange = { from: user.passwordHash, to };
    const isUnchanged = await this.users.exchangePasswordHash(tx, user.id, exchange);
    if (!isUnchanged) throw new InvalidCredentialsError();
  }
}
