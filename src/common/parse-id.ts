import { Injectable, type PipeTransform } from '@nestjs/common';
import { ValidationFailedError } from './common.errors';

/**
 * Reads the id of a path: a positive integer in plain decimal notation.
 * @throws ValidationFailedError
 */
export function parseId(text: unknown): number {
  const id = typeof text === 'string' && /^[1-9]\d*$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(id)) {
    throw new ValidationFailedError([{ field: 'id', message: 'id must be a positive integer' }]);
  }
  return id;
}

/** {@link parseId} for `@Param()`. */
@Injectable()
export class ParseIdPipe implements PipeTransform<unknown, number> {
  transform(text: unknown): number {
    return parseId(text);
  }
}
