import { type FieldError, ValidationFailedError } from '../errors/common.errors';

/** Keys that class-transformer and class-validator accept as declared, because every object inherits them. */
const INHERITED_KEYS = [...Object.getOwnPropertyNames(Object.prototype), 'prototype'];

/** Keys that `ValidationPipe` drops from every object inside a body, before its DTO class sees them. */
const DROPPED_KEYS = ['__proto__', 'constructor', 'prototype'];

/**
 * @param path of the object in the request, with a dot at the end
 * @throws ValidationFailedError when an object of a DTO class has such a key
 */
export function rejectInheritedKeys(value: object, path = ''): void {
  rejectKeys(INHERITED_KEYS, value, path);
}

/**
 * @param value a body, whose nesting is bounded, and whose opaque values are hidden in functions
 * @throws ValidationFailedError when an object inside it has a key that would be dropped
 */
export function rejectDroppedKeys(value: object, path = ''): void {
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    if (typeof inner !== 'object' || inner === null) continue;
    rejectKeys(DROPPED_KEYS, inner, `${path}${key}.`);
    rejectDroppedKeys(inner, `${path}${key}.`);
  }
}

function rejectKeys(keys: readonly string[], value: object, path: string): void {
  const unknown = keys.filter((key) => Object.hasOwn(value, key));
  if (unknown.length === 0) return;
  throw new ValidationFailedError(unknown.map((key) => unknownField(path + key)));
}

export function unknownField(field: string): FieldError {
  return { field, message: `property ${field} should not exist` };
}
