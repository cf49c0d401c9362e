import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsDate, type ValidationArguments } from 'class-validator';
import { IfPresent } from './if-present.decorator';

/** RFC 3339, section 5.6, without leap seconds, which databases and JavaScript do not support. */
const RFC_3339 =
  /^(\d{4}-\d{2}-\d{2})t((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d+))?(z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

/** An optional instant in a query or a body. */
export function InstantProperty(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: String, format: 'date-time' }),
    IfPresent(),
    Transform(({ value }: { value: unknown }) => parseInstant(value) ?? value),
    IsDate({ message: describeInstant }),
  );
}

/** A + in a query means a blank, so the sign of an offset that is not percent-encoded is lost. */
function describeInstant({ property, value }: ValidationArguments): string {
  return typeof value === 'string' && parseInstant(value.replace(' ', '+'))
    ? `${property} has a blank in place of a plus sign: write the plus sign as %2B`
    : `${property} must be an instant like 2026-01-31T12:00:00.000Z`;
}

/**
 * Parses an instant. Fractions of a millisecond are rounded up: stored instants have whole
 * milliseconds, so comparisons with them have the same result as with the exact instant.
 * @returns undefined when the value is malformed, or its day does not exist
 */
export function parseInstant(value: unknown): Date | undefined {
  const [, day, time, fraction = '', offset] =
    (typeof value === 'string' && RFC_3339.exec(value)) || [];
  if (day === undefined || !isDay(day)) return undefined;
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0');
  const rest = /[1-9]/.test(fraction.slice(3)) ? 1 : 0;
  const instant = new Date(
    Date.parse(`${day}T${time}.${milliseconds}${offset?.toUpperCase()}`) + rest,
  );
  // An offset can lead to a year without four digits.
  return /^\d{4}-/.test(instant.toISOString()) ? instant : undefined;
}

/** JavaScript parses the 30th of February as the 2nd of March. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00.000Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
