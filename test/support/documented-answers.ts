import { readFileSync } from 'node:fs';
import type { ClientRequest } from 'node:http';
import { join } from 'node:path';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { Response } from 'supertest';
import { DOCUMENT_PATH, EXPLORER_PATH } from '../../src/openapi/openapi';

interface DescribedResponse {
  readonly content?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, { readonly $ref: string } | DescribedHeader>>;
}

interface DescribedHeader {
  readonly required?: boolean;
  readonly schema: { readonly type?: string };
}

interface Operation {
  readonly responses: Readonly<Record<string, DescribedResponse>>;
}

const PROBLEM = 'application/problem+json';
/** Given before the operation is known, so that the document does not repeat them for each. */
const BEFORE_ROUTING = new Set([408, 413, 415, 417]);

const IS_DOCUMENTATION = new RegExp(`^/(${EXPLORER_PATH}(/.*)?|${DOCUMENT_PATH})$`);

/**
 * What `openapi.json` promises to clients. Answers are held against it more strictly than it
 * reads: what it does not mention is a deviation too.
 */
export class DocumentedAnswers {
  private static loaded: DocumentedAnswers | undefined;

  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly paths: readonly { template: string; pattern: RegExp }[];
  /** Those that some answer is described with. */
  private readonly headers: readonly string[];

  private constructor(private readonly document: OpenAPIObject) {
    closeObjects(document);
    addFormats(this.ajv);
    this.ajv.addSchema(document, 'openapi');
    this.paths = Object.keys(document.paths)
      .map((template) => ({ template, pattern: patternOf(template) }))
      // Concrete paths come before templated ones (OpenAPI 3.1, section 4.8.8.2).
      .toSorted((a, b) => a.template.split('{').length - b.template.split('{').length);
    const responses = Object.values(document.paths)
      .flatMap((item) => Object.values(item as Record<string, Operation>))
      .flatMap((operation) => Object.values(operation.responses));
    this.headers = [...new Set(responses.flatMap(({ headers = {} }) => Object.keys(headers)))];
  }

  /** The committed document. CI checks that it is the one of the build. */
  static load(): DocumentedAnswers {
    const file = join(__dirname, '..', '..', 'openapi.json');
    return (this.loaded ??= new DocumentedAnswers(
      JSON.parse(readFileSync(file, 'utf8')) as OpenAPIObject,
    ));
  }

  /**
   * @param isExtended whether the application has routes of other teams, which are not described
   * @throws Error when the answer is not as described
   */
  check(response: Response, isExtended: boolean): void {
    const { req: request } = response as Response & { readonly req: ClientRequest };
    // Node.js refuses headers that are too large, and the middleware allows preflights.
    if (response.status === 431 || (request.method === 'OPTIONS' && response.status === 204))
      return;
    const [path = ''] = request.path.split('?');
    const method = request.method.toLowerCase();
    const deviations = this.deviations(method, path, response, isExtended);
    if (deviations.length === 0) return;
    throw new Error(
      `${request.method} ${path} answered ${response.status}, which openapi.json does not ` +
        `describe:\n${deviations.map((deviation) => `- ${deviation}`).join('\n')}\n` +
        `Describe what is meant, and run npm run openapi. The answer was:\n${response.text}`,
    );
  }

  private deviations(
    method: string,
    path: string,
    response: Response,
    isExtended: boolean,
  ): string[] {
    const { template = '' } = this.paths.find(({ pattern }) => pattern.test(path)) ?? {};
    const item = (this.document.paths[template] ?? {}) as Record<string, Operation>;
    const operation = item[method];
    if (!operation) {
      return isExtended || IS_DOCUMENTATION.test(path) ? [] : this.deviationsOfRefusal(response);
    }
    const described = operation.responses[response.status];
    if (!described) {
      return BEFORE_ROUTING.has(response.status)
        ? this.deviationsOfRefusal(response)
        : ['the status is not described'];
    }
    const pointer = ['paths', template, method, 'responses', String(response.status)];
    return [
      ...this.deviationsOfHeaders(described, response),
      ...this.deviationsOfBody(described, response, pointer),
    ];
  }

  /** What has no operation can only be refused. */
  private deviationsOfRefusal(response: Response): string[] {
    return response.type === PROBLEM
      ? this.validate(response.body, ['components', 'schemas', 'ProblemDetails'])
      : ['there is no such operation'];
  }

  private deviationsOfHeaders({ headers = {} }: DescribedResponse, response: Response): string[] {
    const all = this.document.components?.headers ?? {};
    const unmentioned = this.headers.filter(
      (name) => response.get(name) !== undefined && !Object.hasOwn(headers, name),
    );
    const deviations = Object.entries(headers).flatMap(([name, reference]) => {
      const { required, schema } = ('$ref' in reference ? all[name] : reference) as DescribedHeader;
      const text = response.get(name);
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
    response: Response,
    pointer: readonly string[],
  ): string[] {
    const types = Object.keys(content);
    if (types.length === 0) return response.text ? ['no body is described'] : [];
    if (!types.includes(response.type)) {
      return [`the content type is ${response.type}, not ${types.join(' or ')}`];
    }
    if (!response.type.endsWith('json')) return [];
    return this.validate(response.body, [...pointer, 'content', response.type, 'schema']);
  }

  /** @param pointer leads to a schema in the document */
  private validate(body: unknown, pointer: readonly string[]): string[] {
    const steps = pointer.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1'));
    const reference = `openapi#/${steps.map(encodeURIComponent).join('/')}`;
    const validate = this.validators.get(reference) ?? this.ajv.compile({ $ref: reference });
    this.validators.set(reference, validate);
    return validate(body) ? [] : (validate.errors ?? []).map(describe);
  }
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const detail = (params['additionalProperty'] ?? params['allowedValues']) as unknown;
  return `${instancePath || 'the body'} ${message}${detail ? ` (${JSON.stringify(detail)})` : ''}`;
}

function patternOf(template: string): RegExp {
  const parts = template
    .split(/\{\w+\}/)
    .map((part) => part.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]+')}$`);
}

/** Refuses further properties wherever properties are described, but in parts of an `allOf`. */
function closeObjects(part: unknown, isComposed = false): void {
  if (typeof part !== 'object' || part === null) return;
  if (Array.isArray(part)) {
    for (const element of part) closeObjects(element, isComposed);
    return;
  }
  const schema = part as Record<string, unknown>;
  if (schema['type'] === 'object' && schema['properties'] && !isComposed) {
    schema['additionalProperties'] ??= false;
  }
  for (const [key, value] of Object.entries(schema)) closeObjects(value, key === 'allOf');
}
