import { type Type, applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { Allow, getMetadataStorage } from 'class-validator';

const OPAQUE = Symbol('opaque property');

/** The opaque properties of DTO classes. */
const opaqueProperties = new WeakMap<Type, ReadonlySet<string>>();

/**
 * A property whose object has keys that clients choose. Without it, Nest and class-transformer would drop
 * keys that every object inherits, such as `toString`, and treat a key `constructor` as the class.
 */
export function OpaqueProperty(): PropertyDecorator {
  return applyDecorators(
    // Mapped types, such as `OmitType`, copy the metadata of class-validator.
    Allow({ context: OPAQUE }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'function' ? (value as () => unknown)() : value,
    ),
  );
}

/**
 * Hides the values of opaque properties in functions, which are not transformed.
 * @returns the given object when it has none
 */
export function hideOpaqueValues(plain: object, dto: Type): object {
  const opaque = opaquePropertiesOf(dto);
  const hidden = Object.entries(plain).flatMap(([property, value]: [string, unknown]) =>
    typeof value === 'object' && opaque.has(property) ? [[property, () => value] as const] : [],
  );
  return hidden.length > 0 ? { ...plain, ...Object.fromEntries(hidden) } : plain;
}

function opaquePropertiesOf(dto: Type): ReadonlySet<string> {
  const known = opaqueProperties.get(dto);
  if (known) return known;
  const metadata = getMetadataStorage().getTargetValidationMetadatas(dto, '', true, false);
  const opaque = metadata.filter(({ context }) => context === OPAQUE);
  const properties = new Set(opaque.map(({ propertyName }) => propertyName));
  opaqueProperties.set(dto, properties);
  return properties;
}
