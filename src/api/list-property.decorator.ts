import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsIn, IsOptional } from 'class-validator';

const MAX_VALUES = 100;

/** The default of OpenAPI for a list in a query, explicit because linters require that. */
const REPEATED = { style: 'form', explode: true };

interface ListOptions {
  readonly allowed: readonly string[];
  /** The name of the schema of one value. */
  readonly enumName: string;
}

/**
 * An optional list in a query, for a property that is an array. Clients repeat the parameter
 * (`a=1&a=2`), with or without brackets, or separate the values by commas. Duplicates are removed.
 */
export function ListProperty({ allowed, enumName }: ListOptions): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ enum: [...allowed], enumName, isArray: true, ...REPEATED }),
    IsOptional(),
    Transform(({ value }: { value: unknown }) => toList(value)),
    ArrayMaxSize(MAX_VALUES, { message: `$property must have at most ${MAX_VALUES} values` }),
    IsIn(allowed, { each: true, message: `$property must be a list of: ${allowed.join(', ')}` }),
  );
}

function toList(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const values = value.flatMap((part: unknown) =>
    typeof part === 'string' ? part.split(',') : [part],
  );
  return values.length > MAX_VALUES ? values : [...new Set(values)];
}
