import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsEmail, Matches, MaxLength } from 'class-validator';
import { normalizeEmail } from '../users/normalize-email';

/** An e-mail address in a request body; the DTO receives it in normal form. */
export const EmailProperty = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ type: String, format: 'email', maxLength: 254, example: 'john@example.com' }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' ? normalizeEmail(value) : value,
    ),
    // Listed last, checked first.
    IsEmail({}, { message: '$property must be an e-mail address' }),
    MaxLength(254),
    Matches(/^[\x20-\x7e]*$/, { message: '$property must consist of ASCII characters' }),
  );
