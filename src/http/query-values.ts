import type { Type } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { type FieldError, ValidationFailedError } from '../errors/common.errors';

const declaredProperties = new WeakMap<Type, ReadonlySet<string>>();

/**
 * Reads the parameters of a query for the properties of its DTO class. A property whose type is an
 * array accepts its parameter any number of times, with or without brackets after the name, and always
 * becomes an array. Every other property accepts one value. Unknown parameters are returned unchanged.
 * @throws ValidationFailedError
 */
export function readQuery(query: object, dto: Type): Record<string, unknown> {
  const values = new Map<string, unknown>();
  const errors: FieldError[] = [];
  for (const [name, value] of Object.entries(query)) {
    const property = name.replace(/\[\]$/, ''); // some clients append them (axios, jQuery, PHP)
    if (!propertiesOf(dto).has(property)) {
      values.set(name, value);
    } else if (isList(dto, property)) {
      values.set(property, [values.get(property) ?? [], value].flat(2));
    } else if (name !== property) {
      errors.push({ field: name, message: `${property} accepts one value, without brackets` });
    } else if (Array.isArray(value)) {
      const message = `${name} was given ${value.length} times, but accepts one value`;
      errors.push({ field: name, message });
    } else {
      values.set(name, value);
    }
  }
  if (errors.length > 0) throw new ValidationFailedError(errors);
  return Object.fromEntries(values);
}

/** The properties with a decorator of class-validator. Others are rejected as unknown. */
function propertiesOf(dto: Type): ReadonlySet<string> {
  const known = declaredProperties.get(dto);
  if (known) return known;
  const metadata = getMetadataStorage().getTargetValidationMetadatas(dto, '', true, false);
  const properties = new Set(metadata.map(({ propertyName }) => propertyName));
  declaredProperties.set(dto, properties);
  return properties;
}

/** The compiler records the types of properties with decorators. */
function isList({ prototype }: Type, property: string): boolean {
  return Reflect.getMetadata('design:type', prototype as object, property) === Array;
}
