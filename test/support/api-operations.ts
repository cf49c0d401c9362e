import type { OpenAPIObject } from '@nestjs/swagger';
import { operationsOf } from '../../scripts/openapi/operations.js';

/** The part of JSON Schema that the OpenAPI document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly example?: unknown;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly maxProperties?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
}

interface Content {
  readonly content?: Readonly<
    Record<
      string,
      {
        readonly schema: Schema;
        readonly example?: unknown;
        readonly examples?: Readonly<Record<string, unknown>>;
      }
    >
  >;
}

export interface DescribedHeader {
  readonly required?: boolean;
  readonly schema: { readonly type?: string };
}

export interface DescribedResponse extends Content {
  readonly headers?: Readonly<Record<string, { readonly $ref: string } | DescribedHeader>>;
}

/** An operation as the document has it. */
interface RawOperation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, DescribedResponse>>;
}

/** One operation of the OpenAPI document. */
export interface Operation {
  /** Method and path. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  readonly responses: Readonly<Record<string, DescribedResponse>>;
}

export function describedOperations({ paths }: OpenAPIObject): Operation[] {
  const document = { paths: paths as Record<string, Record<string, RawOperation>> };
  return operationsOf(document).map(({ method, path, route, operation }) => ({
    name: route,
    method: method.toUpperCase(),
    path,
    parameters: operation.parameters ?? [],
    body: operation.requestBody?.content?.['application/json']?.schema,
    responses: operation.responses,
  }));
}
