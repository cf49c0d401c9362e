import { type Type as Class, applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, type TransformFnParams, Type } from 'class-transformer';
import { IsObject, ValidateNested } from 'class-validator';
import { IfPresent } from './if-present.decorator';
import { rejectInheritedKeys } from './inherited-keys';

/** An optional object of a DTO class inside a body. Its unknown fields are rejected, as those of the body. */
export function ObjectProperty(type: () => Class): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: () => type() }),
    IfPresent(),
    Type(type),
    Transform(({ value, obj, key }: TransformFnParams): unknown => {
      const given: unknown = (obj as Record<string, unknown>)[key];
      if (typeof given === 'object' && given !== null) rejectInheritedKeys(given, `${key}.`);
      return value;
    }),
    IsObject({ message: '$property must be an object' }),
    ValidateNested(),
  );
}
