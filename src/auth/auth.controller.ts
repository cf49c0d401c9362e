import { Body, Controller, HttpCode, Ip, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '../common/access.decorators';
import { ApiProblems } from '../common/api-problems.decorator';
import { RateLimitedError } from '../common/common.errors';
import { LimitByAddress } from '../common/limit-by-address.decorator';
import { UserResponse, toUserResponse } from '../users/user.dto';
import { EmailTakenError } from '../users/users.errors';
import { LoginRequest, RegisterRequest, TokenResponse } from './auth.dto';
import { InvalidCredentialsError } from './auth.errors';
import { AuthService } from './auth.service';

@ApiTags('Authentication')
@Public()
@Controller('auth')
export class AuthController {
  constructor(private readonly auth: AuthService) {}

  /** Opens an account. */
  @Post('register')
  @LimitByAddress({ limit: 60, windowSeconds: 60 })
  @ApiProblems(new EmailTakenError())
  async register(@Body() request: RegisterRequest): Promise<UserResponse> {
    return toUserResponse(await this.auth.register(request));
  }

  /** Exchanges e-mail and password for an access token. */
  @Post('login')
  @HttpCode(200)
  @ApiProblems(new InvalidCredentialsError(), new RateLimitedError(1))
  login(@Body() request: LoginRequest, @Ip() address: string): Promise<TokenResponse> {
    return this.auth.login(request, address);
  }
}
