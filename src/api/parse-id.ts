import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { ValidationFailedError } from '../errors/common.errors';

/** Parses an id: a positive integer in decimal notation. */
export function toId(value: unknown): number | undefined {
  const id = typeof value === 'string' && /^[1-9]\d*$/.test(value) ? Number(value) : Number.NaN;
  return Number.isSafeInteger(id) ? id : undefined;
}

/**
 * Parses an id in a path.
 * @param field the name of the path parameter, for the error
 * @throws ValidationFailedError
 */
export function parseId(value: unknown, field = 'id'): number {
  const id = toId(value);
  if (id === undefined) throw ValidationFailedError.ofField(field, 'must be a positive integer');
  return id;
}

/** {@link parseId} for `@Param()`; errors name the parameter. */
@Injectable()
export class ParseIdPipe implements PipeTransform<unknown, number> {
  transform(value: unknown, { data }: ArgumentMetadata): number {
    return parseId(value, data);
  }
}
