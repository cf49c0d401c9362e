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

/** What a client received. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const PROBLEM = 'application/problem+json';

/** Sent before the operation is known, so that the document does not repeat them for each. */
const BEFORE_ROUTING = new Set([
  'expectation_failed',
  'headers_too_large',
  'malformed_body',
  'payload_too_large',
  'request_timeout',
  'unsupported_media_type',
]);

/**
 * What `openapi.json` promises to clients. Responses are validated more strictly than the document
 * demands: what it does not mention is a deviation too.
 */
export class ApiContract {
  private static loaded: ApiContract | undefined;

  readonly operations: readonly Operation[];
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly patterns: readonly { operation: Operation; pattern: RegExp }[];
  /** Those that some answer is described with. */
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

  /** The committed document. CI checks that it is the one of the build. */
  static load(): ApiContract {
    const file = join(__dirname, '..', '..', 'openapi.json');
    return (this.loaded ??= new ApiContract(
      JSON.parse(readFileSync(file, 'utf8')) as OpenAPIObject,
    ));
  }

  /** Follows a reference into the components. */
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
   * The ways in which a response differs from its description.
   * @param operation undefined when the request reaches none, and is rejected
   */
  deviationsOf(answer: Answer, operation: Operation | undefined): string[] {
    if (!operation) return this.deviationsOfRefusal(answer);
    const { method, path, body, responses } = operation;
    const { status } = answer;
    const described = responses[status];
    const mayBeMissing = !described || !body;
    if (mayBeMissing && BEFORE_ROUTING.has(codeOf(answer))) return this.deviationsOfRefusal(answer);
    if (!described) return ['the status is not described'];
    const pointer = ['paths', path, method.toLowerCase(), 'responses', String(status)];
    return [
      ...this.deviationsOfHeaders(described, answer),
      ...this.deviationsOfBody(described, answer, pointer),
    ];
  }

  private deviationsOfRefusal(answer: Answer): string[] {
    if (mediaTypeOf(answer) !== PROBLEM) return ['there is no such operation'];
    const words = codeOf(answer).split('_');
    const name = `${words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')}Problem`;
    // Codes that no operation responds with have no schema of their own.
    const isDescribed = Object.hasOwn(this.document.components?.schemas ?? {}, name);
    return this.validate(answer, ['components', 'schemas', isDescribed ? name : 'Problem']);
  }

  private deviationsOfHeaders({ headers = {} }: DescribedResponse, answer: Answer): string[] {
    const all = this.document.components?.headers ?? {};
    const sent = (name: string) => answer.headers[name.toLowerCase()];
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
    answer: Answer,
    pointer: readonly string[],
  ): string[] {
    const types = Object.keys(content);
    if (types.length === 0) return answer.text ? ['no body is described'] : [];
    const type = mediaTypeOf(answer);
    if (!types.includes(type)) return [`the content type is ${type}, not ${types.join(' or ')}`];
    if (!type.endsWith('json')) return [];
    return this.validate(answer, [...pointer, 'content', type, 'schema']);
  }

  /** @param pointer leads to a schema in the document */
  private validate({ text }: Answer, pointer: readonly string[]): string[] {
    const steps = pointer.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1'));
    const reference = `openapi#/${steps.map(encodeURIComponent).join('/')}`;
    const validate = this.validators.get(reference) ?? this.compile(reference);
    this.validators.set(reference, validate);
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    return validate(body) ? [] : (validate.errors ?? []).map(describe);
  }

  /** What a schema composes with `allOf` has no further properties either. */
  private compile(reference: string): ValidateFunction {
    return this.ajv.compile({ $ref: reference, unevaluatedProperties: false });
  }
}

function depthOf({ path }: Operation): number {
  return path.split('{').length;
}

/** Empty when the answer is no problem document. */
function codeOf(answer: Answer): string {
  if (mediaTypeOf(answer) !== PROBLEM || answer.text === '') return '';
  return (JSON.parse(answer.text) as { code: string }).code;
}

function mediaTypeOf({ headers }: Answer): string {
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

/** Puts the responses that operations share in the places that refer to them. */
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

/** The schemas that others extend, which are not closed themselves. */
function basesOf({ components = {} }: OpenAPIObject): Set<unknown> {
  const extended = JSON.stringify(components).matchAll(
    /"allOf":\[\{"\$ref":"#\/components\/schemas\/(\w+)"\},/g,
  );
  return new Set(Array.from(extended, ([, name = '']) => components.schemas?.[name]));
}

/**
 * Refuses further properties wherever properties are described, but in parts of an `allOf`.
 * @param bases that stay open
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
