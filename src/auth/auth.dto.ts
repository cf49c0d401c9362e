import { ApiProperty } from '@nestjs/swagger';
import { IsString } from 'class-validator';
import { TextProperty } from '../common/text-property.decorator';
import { EmailProperty } from './email-property.decorator';
import { NewPasswordProperty } from './new-password-property.decorator';

export class RegisterRequest {
  /** @example John */
  @TextProperty({ maxLength: 100 })
  name: string;

  @EmailProperty()
  email: string;

  @NewPasswordProperty()
  password: string;
}

export class LoginRequest {
  @EmailProperty()
  email: string;

  /** @example secure123 */
  @IsString()
  @ApiProperty({ format: 'password' })
  password: string;
}

export class TokenResponse {
  /**
   * A JSON Web Token (RFC 7519) for the `Authorization: Bearer` header.
   * @example eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.signature
   */
  access_token: string;

  @ApiProperty({ enum: ['bearer'], example: 'bearer' })
  token_type: 'bearer';

  /**
   * Seconds until the access token expires.
   * @example 900
   */
  @ApiProperty({ type: 'integer' })
  expires_in: number;
}
