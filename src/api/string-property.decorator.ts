import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsOptional, ValidateBy } from 'class-validator';

/** NUL, which PostgreSQL cannot store, other control characters, and halves of surrogate pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
const UNPRINTABLE_BUT_LINE_BREAKS = /[^\P{Cc}\t\n\r]|\p{Cs}/u;

/**
 * The same for the OpenAPI document, in the syntax of regular expressions that all languages share: at
 * least one visible character, and no control characters.
 */
const PRINTABLE = printablePattern(String.raw`\x00-\x1f\x7f-\x9f`);
const PRINTABLE_LINES = printablePattern(String.raw`\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f`);

function printablePattern(controls: string): string {
  return String.raw`^[^${controls}]*[^\s\x00-\x1f\x7f-\x9f][^${controls}]*$`;
}

interface Printable {
  /** In code points, as PostgreSQL and JSON Schema count characters. */
  readonly maxLength: number;
  /** Whether tabs and line breaks are accepted. */
  readonly multiline?: boolean;
}

interface StringOptions extends Printable {
  readonly optional?: boolean;
  /** Whether null means that the property is absent; by default, when it is optional. */
  readonly nullable?: boolean;
}

/** Whether a value is a string without control characters and halves of surrogate pairs, or is empty. */
export function isPrintable(
  value: unknown,
  { maxLength, multiline = false }: Printable,
): value is string {
  const forbidden = multiline ? UNPRINTABLE_BUT_LINE_BREAKS : UNPRINTABLE;
  return (
    typeof value === 'string' &&
    value.length <= maxLength * 2 && // a much longer string is not counted
    Array.from(value).length <= maxLength &&
    !forbidden.test(value)
  );
}

/** A string with at least one visible character. */
export function StringProperty(options: StringOptions): PropertyDecorator {
  const { maxLength, multiline = false, optional = false, nullable = optional } = options;
  const isVisible = (value: unknown) => isPrintable(value, options) && /[^\s\p{Cf}]/u.test(value); // at least one visible character
  return applyDecorators(
    ApiProperty({
      type: String,
      minLength: 1,
      maxLength,
      pattern: multiline ? PRINTABLE_LINES : PRINTABLE,
      required: !optional,
      ...(nullable && { nullable: true }),
    }),
    ...(optional ? [IsOptional()] : []),
    ValidateBy(
      { name: 'isVisible', validator: { validate: isVisible } },
      { message: `$property must be a string of 1 to ${maxLength} printable characters` },
    ),
  );
}
