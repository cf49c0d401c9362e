import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import { IsString, MaxLength } from 'class-validator';
import { StringProperty } from '../api/string-property.decorator';
import { MAX_NAME_LENGTH } from '../users/user.entity';
import { EmailProperty } from './email-property.decorator';
import { NewPasswordProperty } from './new-password-property.decorator';
import type { Tokens } from './session-tokens';

/** The password of an existing account. */
const PasswordProperty = (): PropertyDecorator =>
  applyDecorators(IsString(), ApiProperty({ format: 'password', example: 'secure123' }));

/** A new account. */
export class RegisterRequest {
  /** @example John */
  @StringProperty({ maxLength: MAX_NAME_LENGTH })
  name: string;

  @EmailProperty()
  email: string;

  @NewPasswordProperty()
  password: string;
}

/** The credentials of an account. */
export class LoginRequest {
  @EmailProperty()
  email: string;

  @PasswordProperty()
  password: string;
}

/** A refresh token to exchange for the next tokens. */
export class RefreshRequest {
  /** The latest `refresh_token` of the session. */
  @IsString()
  @MaxLength(1000)
  refresh_token: string;
}

/** The new password of an account, and its current one as proof. */
export class ChangePasswordRequest {
  @PasswordProperty()
  current_password: string;

  @NewPasswordProperty('another secure one')
  new_password: string;
}

/** The tokens of a session: the response to a login, a refresh or a change of the password. */
@ApiSchema({ name: 'Tokens' })
export class TokenResponse {
  /**
   * A JSON Web Token (RFC 7519) for the `Authorization: Bearer` header.
   * @example eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIxIn0.signature
   */
  access_token: string;

  @ApiProperty({ enum: ['bearer'], example: 'bearer' })
  token_type: 'bearer';

  /** Seconds until the access token expires. */
  @ApiProperty({ type: 'integer', example: 900 })
  expires_in: number;

  /**
   * For `POST /auth/refresh`. Each refresh token works once.
   * @example 0b9bfa0c-6c1b-4c5e-8a58-3c8e5b9d7f11.0.signature
   */
  refresh_token: string;

  /** Seconds until the refresh token expires. */
  @ApiProperty({ type: 'integer', example: 604_800 })
  refresh_expires_in: number;
}

export function toTokenResponse(tokens: Tokens): TokenResponse {
  return {
    access_token: tokens.accessToken,
    token_type: 'bearer',
    expires_in: tokens.accessTokenSeconds,
    refresh_token: tokens.refreshToken,
    refresh_expires_in: tokens.refreshTokenSeconds,
  };
}
