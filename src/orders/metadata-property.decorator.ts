import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, ValidateBy, type ValidationArguments } from 'class-validator';
import { OpaqueProperty } from '../api/opaque-property.decorator';
import { isPrintable } from '../api/string-property.decorator';
import {
  MAX_METADATA_KEYS,
  MAX_METADATA_KEY_LENGTH,
  MAX_METADATA_VALUE_LENGTH,
  MAX_PATCHED_KEYS,
  isMetadataKey,
} from './metadata';

export const METADATA_EXAMPLE = { channel: 'web' };

const VALUE_SCHEMA = { type: 'string', maxLength: MAX_METADATA_VALUE_LENGTH } as const;

/** The keys are described in words, because generators of clients do not support `patternProperties`. */
export const METADATA_SCHEMA = {
  type: 'object',
  maxProperties: MAX_METADATA_KEYS,
  additionalProperties: VALUE_SCHEMA,
} as const;

const KEY_RULE = `must have keys of 1 to ${MAX_METADATA_KEY_LENGTH} letters, digits, _, . and -`;

/** What a property with metadata accepts. */
interface Rules {
  readonly maxKeys: number;
  /** The message for a value that is not an object, or has too many keys. */
  readonly shapeRule: string;
  /** Whether null is accepted, also as a value. */
  readonly isNullAccepted: boolean;
}

/** The optional metadata of a new order. Null means that there is none. */
export const MetadataProperty = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({
      ...METADATA_SCHEMA,
      selfRequired: false,
      nullable: true,
      example: METADATA_EXAMPLE,
    }),
    IsOptional(),
    ...validated({
      maxKeys: MAX_METADATA_KEYS,
      shapeRule: `must be an object with at most ${MAX_METADATA_KEYS} keys`,
      isNullAccepted: false,
    }),
  );

/** A merge patch of metadata. */
export const MetadataPatchProperty = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({
      type: 'object',
      nullable: true,
      maxProperties: MAX_PATCHED_KEYS,
      additionalProperties: { ...VALUE_SCHEMA, nullable: true },
      example: { channel: 'phone', campaign: null },
    }),
    ...validated({
      maxKeys: MAX_PATCHED_KEYS,
      shapeRule: `must be null, or an object with at most ${MAX_PATCHED_KEYS} keys`,
      isNullAccepted: true,
    }),
  );

/** Properties of a parameter, which the type of the decorator does not know, are among them. */
const METADATA_FILTER = {
  ...METADATA_SCHEMA,
  maxProperties: 1,
  style: 'deepObject',
  explode: true,
  example: METADATA_EXAMPLE,
};

/** A filter of a list: `metadata[key]=value` in the query. */
export const MetadataFilterProperty = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional(METADATA_FILTER),
    IsOptional(),
    ...validated({
      maxKeys: 1,
      shapeRule: 'must be one key and its value, written metadata[key]=value',
      isNullAccepted: false,
    }),
  );

function validated(rules: Rules): PropertyDecorator[] {
  return [
    OpaqueProperty(),
    ValidateBy({
      name: 'isMetadata',
      validator: {
        validate: (value: unknown) => brokenRule(value, rules) === undefined,
        defaultMessage: (given?: ValidationArguments) =>
          `$property ${brokenRule(given?.value, rules) ?? ''}`,
      },
    }),
  ];
}

/** @returns undefined when the value meets the rules */
function brokenRule(
  value: unknown,
  { maxKeys, shapeRule, isNullAccepted }: Rules,
): string | undefined {
  if (value === null && isNullAccepted) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return shapeRule;
  const entries: [string, unknown][] = Object.entries(value);
  if (entries.length > maxKeys) return shapeRule;
  if (!entries.every(([key]) => isMetadataKey(key))) return KEY_RULE;
  const isValue = (one: unknown) =>
    (one === null && isNullAccepted) ||
    isPrintable(one, { maxLength: MAX_METADATA_VALUE_LENGTH, multiline: true });
  if (entries.every(([, one]) => isValue(one))) return undefined;
  const orNull = isNullAccepted ? ', or null' : '';
  return `must have strings of at most ${MAX_METADATA_VALUE_LENGTH} printable characters as values${orNull}`;
}
