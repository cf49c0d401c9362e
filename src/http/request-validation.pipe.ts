import { isDeepStrictEqual } from 'node:util';
import {
  type ArgumentMetadata,
  Injectable,
  type Type,
  type ValidationError,
  ValidationPipe,
} from '@nestjs/common';
import { rejectDroppedKeys, rejectInheritedKeys } from '../api/inherited-keys';
import { hideOpaqueValues } from '../api/opaque-property.decorator';
import { type FieldError, ValidationFailedError } from '../errors/common.errors';
import { readQuery } from './query-values';

/** Turns bodies and queries into instances of their DTO classes, and rejects undeclared fields. */
@Injectable()
export class RequestValidationPipe extends ValidationPipe {
  /** The DTO classes of which a query without parameters makes an empty object. */
  private readonly validWhenEmpty = new WeakSet<Type>();

  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      stopAtFirstError: true,
      exceptionFactory: (errors) => new ValidationFailedError(errors.flatMap(toFieldErrors)),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    // Path parameters stay strings: the base class would convert 1e3 to 1000.
    if (metadata.type === 'param' && typeof value === 'string') return value;
    if (typeof value === 'object' && value !== null) {
      rejectInheritedKeys(value);
      const { type, metatype } = metadata;
      if (type === 'query' && metatype) return this.transformQuery(value, metatype, metadata);
      if (type === 'body') {
        const body = metatype ? hideOpaqueValues(value, metatype) : value;
        rejectDroppedKeys(body);
        return super.transform(body, metadata);
      }
    }
    return super.transform(value, metadata) as Promise<unknown>;
  }

  /** A query without parameters is validated once per class: it would take 4 % of the time of a list. */
  private async transformQuery(
    query: object,
    dto: Type,
    metadata: ArgumentMetadata,
  ): Promise<unknown> {
    const isEmpty = Object.keys(query).length === 0;
    if (isEmpty && this.validWhenEmpty.has(dto)) return new dto();
    const values = hideOpaqueValues(readQuery(query, dto), dto);
    const transformed: unknown = await super.transform(values, metadata);
    // Transformations may add values.
    if (isEmpty && isDeepStrictEqual(transformed, new dto())) this.validWhenEmpty.add(dto);
    return transformed;
  }
}

function toFieldErrors(error: ValidationError): FieldError[] {
  const own = Object.values(error.constraints ?? {}).map((message) => ({
    field: error.property,
    message,
  }));
  const nested = (error.children ?? []).flatMap(toFieldErrors);
  return [
    ...own,
    ...nested.map(({ field, message }) => ({ field: `${error.property}.${field}`, message })),
  ];
}
