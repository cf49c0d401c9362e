import type { OpenAPIObject } from '@nestjs/swagger';
import { PROBLEM_CATALOGUE, type ProblemCatalogue } from '../errors/problem-catalogue';
import type { Problem } from '../errors/problem-details';
import { type ResponseHeader, describeHeaders, isDescribedHeader } from './openapi-headers';
import type { Schema, Schemas } from './openapi-schemas';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type ResponseOrReference = Operation['responses'][string];
export type Response = Extract<ResponseOrReference, { description: string }>;

/**
 * Describes the problems that operations respond with: one schema for each code, and one response
 * for each combination of codes that share a status.
 */
export class ProblemDescriptions {
  readonly schemas: Schemas = {};
  readonly responses: Record<string, Response> = {};

  /**
   * @param members schemas of the members that only some codes have
   * @param basePath the path of the API on its server, for links
   */
  constructor(
    private readonly members: Schemas,
    private readonly basePath: string,
  ) {}

  /**
   * The responses of one operation, by status.
   * @param instance a path of the operation, for the examples
   * @param ownCodes codes whose examples differ for this operation, so that their responses are not shared
   */
  responsesOf(
    problems: readonly Problem[],
    instance: string,
    ownCodes: ReadonlySet<string>,
  ): Record<string, ResponseOrReference> {
    const byStatus = new Map<number, Problem[]>();
    for (const problem of problems) {
      byStatus.set(problem.status, [...(byStatus.get(problem.status) ?? []), problem]);
    }
    return Object.fromEntries(
      [...byStatus].map(([status, group]) => {
        const isOwn = group.some(({ body }) => ownCodes.has(body.code));
        const response = this.describe(group, instance);
        for (const problem of group) this.addSchema(problem);
        return [status, isOwn ? response : this.share(group, response)];
      }),
    );
  }

  /** @param problems of one status */
  private describe(problems: readonly Problem[], instance: string): Response {
    const examples = Object.fromEntries(
      problems.map(({ body }) => [
        body.code,
        { summary: body.title, value: { ...body, instance, request_id: EXAMPLE_REQUEST_ID } },
      ]),
    );
    return {
      description: problems
        .map(({ body }) => `[${body.code}](${this.basePath}${body.type}): ${body.detail}`)
        .join(' · '),
      headers: headersOf(problems),
      content: { 'application/problem+json': { schema: schemaOf(problems), examples } },
    };
  }

  /** @param problems of one status */
  private share(problems: readonly Problem[], response: Response): { $ref: string } {
    const codes = problems.map(({ body }) => body.code);
    const name = codes.toSorted().map(toPascalCase).join('Or');
    this.responses[name] ??= response;
    return { $ref: `#/components/responses/${name}` };
  }

  /** A member is required when every problem of the code has it. */
  private addSchema({ body, extensions }: Problem): void {
    const { code } = body;
    const present = Object.keys(extensions).filter((name) => extensions[name] !== undefined);
    const known = this.schemas[schemaNameOf(code)] as Schema | undefined;
    const own = known?.allOf?.[1] as Schema | undefined;
    const members = Object.keys(extensions).map((name) => [name, this.members[name] ?? {}]);
    const properties = { ...own?.properties, ...(Object.fromEntries(members) as Schemas) };
    const required = own?.required?.filter((name) => name === 'code' || present.includes(name));
    const catalogue: ProblemCatalogue = PROBLEM_CATALOGUE;
    this.schemas[schemaNameOf(code)] = {
      description: catalogue[code]?.meaning ?? body.detail,
      allOf: [
        { $ref: '#/components/schemas/Problem' },
        {
          type: 'object',
          properties: { code: { type: 'string', enum: [code] }, ...properties },
          required: required ?? ['code', ...present],
        },
      ],
    };
  }
}

function schemaOf(problems: readonly Problem[]): Schema | { $ref: string } {
  const references = problems.map(
    ({ body: { code } }) => [code, `#/components/schemas/${schemaNameOf(code)}`] as const,
  );
  const oneOf = references.map(([, $ref]) => ({ $ref }));
  const [only] = oneOf;
  if (only && oneOf.length === 1) return only;
  const mapping = Object.fromEntries(references);
  return { oneOf, discriminator: { propertyName: 'code', mapping } };
}

function headersOf(problems: readonly Problem[]): NonNullable<Response['headers']> {
  const sent = problems.map(({ headers }) => Object.keys(headers).filter(isDescribedHeader));
  const isAlwaysSent = (name: ResponseHeader) => sent.every((names) => names.includes(name));
  return describeHeaders([...new Set(sent.flat())], isAlwaysSent);
}

function schemaNameOf(code: string): string {
  return `${toPascalCase(code)}Problem`;
}

function toPascalCase(code: string): string {
  return code.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const EXAMPLE_REQUEST_ID = '4b4b2f43-3d0d-4d0a-9c6a-6f3f0a3f7f0e';
