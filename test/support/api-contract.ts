import type { IncomingHttpHeaders } from 'node:http';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

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
  readonly properties?: Readonly<Record<string, Schema>>;
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
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

/** One operation of the OpenAPI document. */
export interface Operation {
  /** Method and path. */
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  readonly responses: Readonly<Record<string, Content>>;
}

/** What a client got. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/**
 * Any request can get these: the document does not repeat them for each operation. The first is
 * for `If-None-Match: *` (RFC 9110, section 13.1.2).
 */
const ANY_REQUEST = new Set(['304', '408', '413', '415', '417', '429', '431']);

const LEAKS = /\bat .+:\d+:\d+|SELECT |INSERT |UPDATE |node_modules|\$2[ab]\$/;

/** Says in which ways an answer is not what the OpenAPI document promises. */
export class ApiContract {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly compiled = new Map<Schema, ValidateFunction>();
  private readonly components: Record<string, Schema>;

  constructor(private readonly document: OpenAPIObject) {
    formats.default(this.ajv);
    this.components = Object.fromEntries(
      Object.entries((document.components?.schemas ?? {}) as Record<string, Schema>).map(
        ([name, schema]) => [name, name === 'ProblemDetails' ? schema : closed(schema)],
      ),
    );
  }

  get operations(): Operation[] {
    return Object.entries(this.document.paths).flatMap(([path, item]) =>
      Object.entries(item as Record<string, RawOperation>).map(([method, operation]) => ({
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        parameters: operation.parameters ?? [],
        body: operation.requestBody?.content?.['application/json']?.schema,
        responses: operation.responses,
      })),
    );
  }

  /** Follows a reference into the components. */
  resolve(schema: Schema): Schema {
    const name = schema.$ref?.split('/').at(-1);
    return name === undefined ? schema : this.resolve(this.components[name]!);
  }

  /** @param called the name of an operation, or undefined when method or path were altered */
  breachesOf({ status, headers, text }: Answer, called: string | undefined): string[] {
    const operation = this.operations.find(({ name }) => name === called);
    const breaches: string[] = [];
    if (status >= 500) breaches.push(`is a ${status}`);
    if (!headers['x-request-id']) breaches.push('has no request id');
    if (LEAKS.test(text)) breaches.push('tells what is inside');
    if (operation && !(status in operation.responses) && !ANY_REQUEST.has(String(status))) {
      breaches.push(`has the undocumented status ${status}`);
    }
    if (status >= 400) breaches.push(...this.problemBreaches({ status, headers, text }));
    else if (operation) breaches.push(...this.bodyBreaches(operation.responses[status], text));
    return breaches;
  }

  private problemBreaches({ status, headers, text }: Answer): string[] {
    const type = headers['content-type'] ?? '';
    if (!type.startsWith('application/problem+json')) return [`is of type ${type}`];
    if (text === '') return []; // the answer to a HEAD
    const problem = JSON.parse(text) as Record<string, unknown>;
    const breaches = this.schemaBreaches({ $ref: '#/components/schemas/ProblemDetails' }, problem);
    if (problem['status'] !== status) breaches.push('tells another status');
    if (problem['request_id'] !== headers['x-request-id']) breaches.push('tells another id');
    if (status === 401 && !headers['www-authenticate']) breaches.push('has no challenge');
    if (status === 405 && headers['allow'] === undefined) breaches.push('has no Allow');
    return breaches;
  }

  private bodyBreaches(response: Content | undefined, text: string): string[] {
    const schema = response?.content?.['application/json']?.schema;
    if (schema) return this.schemaBreaches(schema, text === '' ? undefined : JSON.parse(text));
    return text === '' ? [] : ['has a body that is not documented'];
  }

  private schemaBreaches(schema: Schema, value: unknown): string[] {
    const components = { schemas: this.components };
    const validate = this.compiled.get(schema) ?? this.ajv.compile({ ...schema, components });
    this.compiled.set(schema, validate);
    if (validate(value)) return [];
    return [`is against its schema: ${this.ajv.errorsText(validate.errors)}`];
  }
}

interface RawOperation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

/** Members that are not documented may be none that clients should see. */
function closed(schema: Schema): Schema {
  const members = { additionalProperties: false };
  return schema.properties ? { ...members, ...schema } : schema;
}
