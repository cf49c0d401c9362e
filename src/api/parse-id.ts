import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { ValidationFailedError } from '../errors/common.errors';

/** Reads an id, which is a positive integer in plain decimal notation. */
export function toId(text: unknown): number | undefined {
  const id = typeof text === 'string' && /^[1-9]\d*$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(id) ? id : undefined;
}

/**
 * Reads the id of a path.
 * @param field the name of the path parameter, for the error
 * @throws ValidationFailedError
 */
export function parseId(text: unknown, field = 'id'): number {
  const id = toId(text);
  if (id === undefined) {
    throw new ValidationFailedError([{ field, message: `${field} must be a positive integer` }]);
  }
  return id;
}

/** {@link parseId} for `@Param()`; errors name the parameter. */
@Injectable()
export class ParseIdPipe implements PipeTransform<unknown, number> {
  transform(text: unknown, { data }: ArgumentMetadata): number {
    return parseId(text, data);
  }
}
