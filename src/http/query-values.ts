import type { Type } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import { type FieldError, ValidationFailedError } from '../errors/common.errors';

const declaredProperties = new WeakMap<Type, ReadonlySet<string>>();

/**
 * Reads the parameters of a query for the properties of its DTO class. A property whose type is an
 * array accepts its parameter any number of times, with or without brackets after the name, and always
 * becomes an array. A property whose type is an object is written `name[key]=value`, once per key. Every
 * other property accepts one value. Unknown parameters are returned unchanged.
 * @throws ValidationFailedError
 */
export function readQuery(query: object, dto: Type): Record<string, unknown> {
  const values = new Map<string, unknown>();
  const objects = new Map<string, [key: string, value: unknown][]>();
  const errors: FieldError[] = [];
  for (const [name, value] of Object.entries(query)) {
    const property = name.replace(/\[\]$/, ''); // some clients append them (axios, jQuery, PHP)
    const [, object = '', key = ''] = KEY_OF_OBJECT.exec(name) ?? [];
    if (isTyped(dto, object, Object)) {
      const entries = objects.get(object) ?? [];
      entries.push([key, oneValue(name, value, errors)]);
      objects.set(object, entries);
    } else if (!propertiesOf(dto).has(property)) {
      values.set(name, value);
    } else if (isTyped(dto, property, Array)) {
      values.set(property, [values.get(property) ?? [], value].flat(2));
    } else if (name !== property) {
      const rule = isTyped(dto, property, Object)
        ? `is written ${property}[key]=value`
        : 'accepts one value, without brackets';
      errors.push({ field: name, message: `${property} ${rule}` });
    } else {
      values.set(name, oneValue(name, value, errors));
    }
  }
  for (const [name, entries] of objects) {
    if (values.has(name)) errors.push({ field: name, message: `${name} was given in two ways` });
    values.set(name, Object.fromEntries(entries));
  }
  if (errors.length > 0) throw new ValidationFailedError(errors);
  return Object.fromEntries(values);
}

/** A key in brackets after a name, as in the style `deepObject` of OpenAPI. */
const KEY_OF_OBJECT = /^([^[\]]+)\[([^[\]]+)\]$/;

function oneValue(name: string, value: unknown, errors: FieldError[]): unknown {
  if (Array.isArray(value)) {
    const message = `${name} was given ${value.length} times, but accepts one value`;
    errors.push({ field: name, message });
  }
  return value;
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
function isTyped({ prototype }: Type, property: string, type: Type): boolean {
  return Reflect.getMetadata('design:type', prototype as object, property) === type;
}
