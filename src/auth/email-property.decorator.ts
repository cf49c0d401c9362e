import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ValidateBy, isEmail } from 'class-validator';
import { normalizeEmail } from '../users/normalize-email';
import { MAX_EMAIL_LENGTH } from '../users/user.entity';

export const EMAIL_RULE = 'must be an e-mail address of ASCII characters';

/** An e-mail address in a request body; the DTO receives it normalized. */
export const EmailProperty = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({
      type: String,
      format: 'email',
      pattern: '^[!-~]+@[!-~]+$',
      maxLength: MAX_EMAIL_LENGTH,
      example: 'john@example.com',
    }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? normalizeEmail(value) : value,
    ),
    ValidateBy(
      { name: 'isAddress', validator: { validate: isAddress } },
      { message: `$property ${EMAIL_RULE}` },
    ),
  );

/** `isEmail` comes last, because it throws on unpaired surrogates. */
function isAddress(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    value.length <= MAX_EMAIL_LENGTH &&
    /^[\x20-\x7e]*$/.test(value) &&
    isEmail(value)
  );
}
