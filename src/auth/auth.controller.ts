import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser, Public } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import { LimitByAddress } from '../api/limit-by-address.decorator';
import { LimitByUser } from '../api/limit-by-user.decorator';
import { RateLimitedError, ValidationFailedError } from '../errors/common.errors';
import { UserResponse, toUserResponse } from '../users/user.dto';
import { EmailTakenError } from '../users/users.errors';
import {
  ChangePasswordRequest,
  LoginRequest,
  RefreshRequest,
  RegisterRequest,
  TokenResponse,
  toTokenResponse,
} from './auth.dto';
import {
  InvalidCredentialsError,
  RefreshTokenInvalidError,
  RefreshTokenReusedError,
} from './auth.errors';
import { AuthService } from './auth.service';
import { type Client, CurrentClient } from './client.decorator';
import { EMAIL_RULE } from './email-property.decorator';
import { NEW_PASSWORD_RULE } from './new-password-property.decorator';
import { SessionRefresh } from './session-refresh';

// Examples of rejected requests, for the OpenAPI document.
const INVALID_EMAIL = ValidationFailedError.ofField('email', EMAIL_RULE);
const INVALID_REFRESH_TOKEN = ValidationFailedError.ofField(
  'refresh_token',
  'must be shorter than or equal to 1000 characters',
);
const INVALID_NEW_PASSWORD = ValidationFailedError.ofField('new_password', NEW_PASSWORD_RULE);

@ApiTags('Authentication')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly sessionRefresh: SessionRefresh,
  ) {}

  /**
   * Registers an account.
   * @remarks The e-mail address is stored in lower case. The response has no tokens: log in next.
   */
  @ApiOperation({ operationId: 'register' })
  @Public()
  @Post('register')
  @LimitByAddress({ limit: 60, windowSeconds: 60 })
  @ApiProblems(new EmailTakenError(), INVALID_EMAIL)
  async register(
    @Body() request: RegisterRequest,
    @CurrentClient() client: Client,
  ): Promise<UserResponse> {
    return toUserResponse(await this.auth.register(request, client));
  }

  /**
   * Exchanges e-mail and password for an access token and a refresh token.
   * @remarks Starts a session. From the fifth failed login on, each failure starts a longer delay.
   * During a delay, logins are rejected with 429 and `Retry-After`.
   */
  @ApiOperation({ operationId: 'login' })
  @Public()
  @Post('login')
  @LimitByAddress({ limit: 300, windowSeconds: 60 })
  @HttpCode(200)
  @ApiProblems(new InvalidCredentialsError(), new RateLimitedError(1), INVALID_EMAIL)
  async login(
    @Body() request: LoginRequest,
    @CurrentClient() client: Client,
  ): Promise<TokenResponse> {
    return toTokenResponse(await this.auth.login(request, client));
  }

  /**
   * Exchanges a refresh token for a new access token and the next refresh token.
   * @remarks Each refresh token works once. For ten seconds, or until the next refresh token is used,
   * a repeated request returns the same next refresh token, so that a client that lost the response
   * can retry. After that, using the token again ends the session, because someone may have copied
   * it.
   */
  @ApiOperation({ operationId: 'refreshTokens' })
  @Public()
  @Post('refresh')
  @LimitByAddress({ limit: 120, windowSeconds: 60 })
  @HttpCode(200)
  @ApiProblems(new RefreshTokenInvalidError(), new RefreshTokenReusedError(), INVALID_REFRESH_TOKEN)
  async refresh(@Body() { refresh_token }: RefreshRequest): Promise<TokenResponse> {
    return toTokenResponse(await this.sessionRefresh.refresh(refresh_token));
  }

  /**
   * Changes your password, ends all of your other sessions, and returns new tokens for this one.
   * @remarks Requires the current password. The earlier tokens of this session stop working, in case
   * someone has copied them. Wrong passwords are limited like failed logins.
   */
  @ApiOperation({ operationId: 'changePassword' })
  @Post('password')
  @LimitByUser({ limit: 10, windowSeconds: 15 * 60 })
  @LimitByAddress({ limit: 60, windowSeconds: 60 })
  @HttpCode(200)
  @ApiProblems(new InvalidCredentialsError(), INVALID_NEW_PASSWORD)
  async changePassword(
    @CurrentUser() user: AuthenticatedUser,
    @Body() { current_password, new_password }: ChangePasswordRequest,
    @CurrentClient() client: Client,
  ): Promise<TokenResponse> {
    const change = { currentPassword: current_password, newPassword: new_password };
    return toTokenResponse(await this.auth.changePassword(user, change, client));
  }
}
