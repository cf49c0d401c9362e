import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import {
  type DescribedHeader,
  type DescribedResponse,
  type Operation,
  type Schema,
  describedOperations,
} from './api-operations';
import { deviationsOfCsv } from './csv';

/** A response as the client received it. */
export interface ReceivedResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const PROBLEM = 'application/problem+json';

/** Sent before routing, so the document does not describe them for each operation. */
const BEFORE_ROUTING = new Set([
  'expectation_failed',
  'headers_too_large',
  'malformed_body',
  'payload_too_large',
  'request_timeout',
  'unsupported_media_type',
]);

/**
 * Validates responses against `openapi.json`, more strictly than a client would: a field or header that
 * is not described is a deviation too.
 */
export class ApiContract {
  private static loaded: ApiContract | undefined;

  readonly operations: readonly Operation[];
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly patterns: readonly { operation: Operation; pattern: RegExp }[];
  /** The headers that are described for any response. */
  private readonly headers: readonly string[];

  private constructor(private readonly document: OpenAPIObject) {
    inlineResponses(document);
    closeObjects(document, basesOf(document));
    addFormats(this.ajv);
    this.ajv.addSchema(document, 'openapi');
    this.operations = describedOperations(document);
    this.patterns = this.operations
      .map((operation) => ({ operation, pattern: patternOf(operation.path) }))
      // Concrete paths come before templated ones (OpenAPI 3.1, section 4.8.8.2).
      .toSorted((a, b) => depthOf(a.operation) - depthOf(b.operation));
    const responses = this.operations.flatMap((operation) => Object.values(operation.responses));
    this.headers = [...new Set(responses.flatMap(({ headers = {} }) => Object.keys(headers)))];
  }

  /** Loads the committed document. CI checks that it equals the one of the build. */
  static load(): ApiContract {
    const file = join(__dirname, '..', '..', 'openapi.json');
    return (this.loaded ??= new ApiContract(
      JSON.parse(readFileSync(file, 'utf8')) as OpenAPIObject,
    ));
  }

  /** Resolves a reference to a schema. */
  resolve(schema: Schema): Schema {
    const name = schema.$ref?.split('/').at(-1);
    if (name === undefined) return schema;
    return this.resolve(this.document.components!.schemas![name] as Schema);
  }

  /** @param path without the query */
  find(method: string, path: string): Operation | undefined {
    return this.patterns.find(
      ({ operation, pattern }) => operation.method === method && pattern.test(path),
    )?.operation;
  }

  /**
   * Lists the ways in which a response differs from its description.
   * @param operation undefined when the request matches none and is rejected
   */
  deviationsOf(response: ReceivedResponse, operation: Operation | undefined): string[] {
    if (!operation) return this.deviationsOfRejection(response);
    const { method, path, body, responses } = operation;
    const { status } = response;
    const described = responses[status];
    const mayBeMissing = !described || !body;
    if (mayBeMissing && BEFORE_ROUTING.has(codeOf(response)))
      return this.deviationsOfRejection(response);
    if (!described) return ['the status is not described'];
    const pointer = ['paths', path, method.toLowerCase(), 'responses', String(status)];
    return [
      ...this.deviationsOfHeaders(described, response),
      ...this.deviationsOfBody(described, response, pointer),
    ];
  }

  private deviationsOfRejection(response: ReceivedResponse): string[] {
    if (mediaTypeOf(response) !== PROBLEM) return ['there is no such operation'];
    const name = this.schemaOfProblem(response) ?? 'Problem';
    return this.validate(response, ['components', 'schemas', name]);
  }

  /** True for a problem that no operation responds with. */
  isUnknownProblem(response: ReceivedResponse): boolean {
    return codeOf(response) !== '' && this.schemaOfProblem(response) === undefined;
  }

  /** Undefined when no operation responds with the code, which then has no schema of its own. */
  private schemaOfProblem(response: ReceivedResponse): string | undefined {
    const words = codeOf(response).split('_');
    const name = `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Problem`;
    return Object.hasOwn(this.document.components?.schemas ?? {}, name) ? name : undefined;
  }

  private deviationsOfHeaders(
    { headers = {} }: DescribedResponse,
    response: ReceivedResponse,
  ): string[] {
    const all = this.document.components?.headers ?? {};
    const sent = (name: string) => response.headers[name.toLowerCase()];
    const unmentioned = this.headers.filter(
      (name) => sent(name) !== undefined && !Object.hasOwn(headers, name),
    );
    const deviations = Object.entries(headers).flatMap(([name, reference]) => {
      const { required, schema } = ('$ref' in reference ? all[name] : reference) as DescribedHeader;
      const text = sent(name);
      if (text === undefined) return required ? [`the header ${name} is missing`] : [];
      const value = schema.type === 'integer' ? Number(text) : text;
      return this.ajv.validate(schema, value)
        ? []
        : [`the header ${name} ${this.ajv.errorsText(this.ajv.errors, { dataVar: '' })}`];
    });
    return [...deviations, ...unmentioned.map((name) => `the header ${name} is not described`)];
  }

  private deviationsOfBody(
    { content = {} }: DescribedResponse,
    response: ReceivedResponse,
    pointer: readonly string[],
  ): string[] {
    const types = Object.keys(content);
    if (types.length === 0) return response.text ? ['no body is described'] : [];
    const type = mediaTypeOf(response);
    if (!types.includes(type)) return [`the content type is ${type}, not ${types.join(' or ')}`];
    if (type === 'text/csv') return deviationsOfCsv(response.text, String(content[type]!.example));
    if (!type.endsWith('json')) return [];
    return this.validate(response, [...pointer, 'content', type, 'schema']);
  }

  /** @param pointer the path to a schema in the document */
  private validate({ text }: ReceivedResponse, pointer: readonly string[]): string[] {
    const steps = pointer.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1'));
    const reference = `openapi#/${steps.map(encodeURIComponent).join('/')}`;
    const validate = this.validators.get(reference) ?? this.compile(reference);
    this.validators.set(reference, validate);
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    return validate(body) ? [] : (validate.errors ?? []).map(describe);
  }

  /** Rejects unknown properties in schemas composed with `allOf` too. */
  private compile(reference: string): ValidateFunction {
    return this.ajv.compile({ $ref: reference, unevaluatedProperties: false });
  }
}

function depthOf({ path }: Operation): number {
  return path.split('{').length;
}

/** Empty unless the response is a problem document. */
function codeOf(response: ReceivedResponse): string {
  if (mediaTypeOf(response) !== PROBLEM || response.text === '') return '';
  return (JSON.parse(response.text) as { code: string }).code;
}

function mediaTypeOf({ headers }: ReceivedResponse): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]!.trim();
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const detail = (params['additionalProperty'] ??
    params['unevaluatedProperty'] ??
    params['allowedValues']) as unknown;
  return `${instancePath || 'the body'} ${message}${detail ? ` (${JSON.stringify(detail)})` : ''}`;
}

function patternOf(template: string): RegExp {
  const parts = template
    .split(/\{\w+\}/)
    .map((part) => part.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]+')}$`);
}

/** Replaces references to shared responses by the responses. */
function inlineResponses({ paths, components = {} }: OpenAPIObject): void {
  for (const item of Object.values(paths)) {
    for (const { responses } of Object.values(item as Record<string, RawOperation>)) {
      for (const [status, { $ref }] of Object.entries(responses)) {
        const shared = $ref && components.responses?.[$ref.split('/').at(-1)!];
        if (shared) responses[status] = shared as object;
      }
    }
  }
}

interface RawOperation {
  readonly responses: Record<string, { readonly $ref?: string }>;
}

/** The schemas that others extend with `allOf`. They stay open. */
function basesOf({ components = {} }: OpenAPIObject): Set<unknown> {
  const extended = JSON.stringify(components).matchAll(
    /"allOf":\[\{"\$ref":"#\/components\/schemas\/(\w+)"\},/g,
  );
  return new Set(Array.from(extended, ([, name = '']) => components.schemas?.[name]));
}

/**
 * Rejects unknown properties of every object schema, except in the parts of an `allOf`.
 * @param bases schemas that stay open
 */
function closeObjects(part: unknown, bases: Set<unknown>, isComposed = false): void {
  if (typeof part !== 'object' || part === null) return;
  if (Array.isArray(part)) {
    for (const element of part) closeObjects(element, bases, isComposed);
    return;
  }
  const schema = part as Record<string, unknown>;
  const isOpen = isComposed || bases.has(part);
  if (schema['type'] === 'object' && schema['properties'] && !isOpen) {
    schema['additionalProperties'] ??= false;
  }
  for (const [key, value] of Object.entries(schema)) closeObjects(value, bases, key === 'allOf');
}
