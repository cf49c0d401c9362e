import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser, Public } from '../common/access.decorators';
import { ApiProblems } from '../common/api-problems.decorator';
import { RateLimitedError } from '../common/common.errors';
import { LimitByAddress } from '../common/limit-by-address.decorator';
import { LimitByUser } from '../common/limit-by-user.decorator';
import { UserResponse, toUserResponse } from '../users/user.dto';
import { EmailTakenError } from '../users/users.errors';
import {
  ChangePasswordRequest,
  LoginRequest,
  RefreshRequest,
  RegisterRequest,
  TokenResponse,
} from './auth.dto';
import {
  InvalidCredentialsError,
  RefreshTokenInvalidError,
  RefreshTokenReusedError,
} from './auth.errors';
import { AuthService } from './auth.service';
import { type Client, CurrentClient } from './client.decorator';

@ApiTags('Authentication')
@Controller('auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  /** Opens an account. */
  @Public()
  @Post('register')
  @LimitByAddress({ limit: 60, windowSeconds: 60 })
  @ApiProblems(new EmailTakenError())
  async register(
    @Body() request: RegisterRequest,
    @CurrentClient() client: Client,
  ): Promise<UserResponse> {
    return toUserResponse(await this.auth.register(request, client));
  }

  /** Exchanges e-mail and password for an access token and a refresh token. */
  @Public()
  @Post('login')
  @LimitByAddress({ limit: 300, windowSeconds: 60 })
  @HttpCode(200)
  @ApiProblems(new InvalidCredentialsError(), new RateLimitedError(1))
  login(@Body() request: LoginRequest, @CurrentClient() client: Client): Promise<TokenResponse> {
    return this.auth.login(request, client);
  }

  /**
   * Exchanges a refresh token for a new access token and the next refresh token.
   * @remarks For ten seconds the token before is answered with that same next one. Using an older
   * one ends the session, because somebody else may have it.
   */
  @Public()
  @Post('refresh')
  @LimitByAddress({ limit: 120, windowSeconds: 60 })
  @HttpCode(200)
  @ApiProblems(new RefreshTokenInvalidError(), new RefreshTokenReusedError())
  refresh(@Body() { refresh_token }: RefreshRequest): Promise<TokenResponse> {
    return this.auth.refresh(refresh_token);
  }

  /**
   * Changes your password, ends all of your other sessions, and returns new tokens for this one.
   * @remarks The tokens that this session had until now stop working, in case somebody has a copy.
   */
  @Post('password')
  @LimitByUser({ limit: 10, windowSeconds: 15 * 60 })
  @LimitByAddress({ limit: 60, windowSeconds: 60 })
  @HttpCode(200)
  @ApiProblems(new InvalidCredentialsError())
  changePassword(
    @CurrentUser() user: AuthenticatedUser,
    @Body() request: ChangePasswordRequest,
    @CurrentClient() client: Client,
  ): Promise<TokenResponse> {
    return this.auth.changePassword(user, request, client);
  }
}
