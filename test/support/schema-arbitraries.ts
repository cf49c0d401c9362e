import {
  type Arbitrary,
  array,
  boolean,
  constant,
  constantFrom,
  dictionary,
  emailAddress,
  integer,
  oneof,
  record,
  string,
  stringMatching,
} from 'fast-check';
import type { ApiContract } from './api-contract';
import type { Schema } from './api-operations';

/** Values that a schema allows. */
export function validFor(contract: ApiContract, reference: Schema): Arbitrary<unknown> {
  const schema = contract.resolve(reference);
  const variants = schema.oneOf ?? schema.anyOf ?? schema.allOf;
  if (variants) return oneof(...variants.map((variant) => validFor(contract, variant)));
  if (schema.enum) return constantFrom(...schema.enum);
  const types = typeof schema.type === 'string' ? [schema.type] : (schema.type ?? ['object']);
  const generated = oneof(...types.map((type) => validOfType(contract, schema, type)));
  return schema.example === undefined ? generated : oneof(constant(schema.example), generated);
}

function validOfType(contract: ApiContract, schema: Schema, type: string): Arbitrary<unknown> {
  const { minimum: min = 0, maximum: max = 1_000_000 } = schema;
  switch (type) {
    case 'null':
      return constant(null);
    case 'boolean':
      return boolean();
    case 'integer':
      return integer({ min: Math.ceil(min), max: Math.floor(Math.min(max, 2 ** 31 - 1)) });
    case 'number':
      return integer({
        min: Math.ceil(min * 100),
        max: Math.floor(Math.min(max * 100, 2 ** 31)),
      }).map((hundredths) => hundredths / 100);
    case 'string':
      return stringFor(schema);
    case 'array':
      return array(validFor(contract, schema.items ?? {}), { maxLength: 3 });
    default:
      return objectFor(contract, schema);
  }
}

function stringFor({ format, minLength = 0, maxLength = 100 }: Schema): Arbitrary<string> {
  if (format === 'email') return emailAddress();
  if (format === 'date-time') {
    return integer({ min: 0, max: 4e9 }).map((seconds) => new Date(seconds * 1_000).toISOString());
  }
  return string({ unit: 'grapheme-composite', minLength, maxLength });
}

function objectFor(contract: ApiContract, schema: Schema): Arbitrary<unknown> {
  const { additionalProperties, maxProperties = 5 } = schema;
  if (typeof additionalProperties === 'object') {
    const key = stringMatching(/^[A-Za-z0-9_.-]{1,40}$/);
    const maxKeys = Math.min(maxProperties, 5);
    return dictionary(key, validFor(contract, additionalProperties), { maxKeys });
  }
  const fields = Object.entries(schema.properties ?? {});
  return record(
    Object.fromEntries(fields.map(([name, field]) => [name, validFor(contract, field)])),
    { requiredKeys: [...(schema.required ?? [])] },
  );
}
