import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';
import { MAX_PASSWORD_BYTES } from './password-hasher';

const MIN_CHARACTERS = 8;

export const NEW_PASSWORD_RULE =
  `must have at least ${MIN_CHARACTERS} characters and at most ${MAX_PASSWORD_BYTES} bytes, ` +
  'without NUL or broken characters';

/** A new password in a request body, short enough for bcrypt to read all of it. */
export const NewPasswordProperty = (example = 'secure123'): PropertyDecorator =>
  applyDecorators(
    ApiProperty({
      type: String,
      format: 'password',
      minLength: MIN_CHARACTERS,
      maxLength: MAX_PASSWORD_BYTES,
      description: `At least ${MIN_CHARACTERS} characters, at most ${MAX_PASSWORD_BYTES} bytes in UTF-8.`,
      example,
    }),
    ValidateBy(
      {
        name: 'isNewPassword',
        validator: { validate: (value: unknown) => typeof value === 'string' && isUsable(value) },
      },
      { message: `$property ${NEW_PASSWORD_RULE}` },
    ),
  );

function isUsable(password: string): boolean {
  return (
    Buffer.byteLength(password) <= MAX_PASSWORD_BYTES &&
    Array.from(password).length >= MIN_CHARACTERS &&
    !/\0|\p{Cs}/u.test(password)
  );
}
