import type { OpenAPIObject } from '@nestjs/swagger';
import { type ResponseHeader, describeHeader, isDescribedHeader } from './openapi-headers';
import type { Problem } from '../common/problem-details';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

export type Response = Extract<Operation['responses'][string], { description: string }>;

/** Describes errors, one response for each HTTP status. */
export function problemResponses(problems: readonly Problem[]): Record<string, Response> {
  const byCode = new Map<string, Problem>();
  for (const problem of problems) {
    // An error of the operation comes before the common one of its code.
    if (!byCode.has(problem.body.code)) byCode.set(problem.body.code, problem);
  }
  const byStatus = new Map<number, Problem[]>();
  for (const problem of byCode.values()) {
    byStatus.set(problem.status, [...(byStatus.get(problem.status) ?? []), problem]);
  }
  return Object.fromEntries([...byStatus].map(([status, group]) => [status, describe(group)]));
}

/** @param problems of one status */
function describe(problems: readonly Problem[]): Response {
  const codes = problems.map(({ body }) => body.code);
  const schema = {
    allOf: [
      { $ref: '#/components/schemas/ProblemDetails' },
      {
        type: 'object',
        properties: { code: { type: 'string', enum: codes } },
        required: ['code'],
      },
    ],
  };
  const examples = Object.fromEntries(
    problems.map(({ body }) => [
      body.code,
      { summary: body.title, value: { ...body, ...EXAMPLE_REQUEST } },
    ]),
  );
  return {
    description: problems.map(({ body }) => body.detail).join(' · '),
    headers: headersOf(problems),
    content: { 'application/problem+json': { schema, examples } },
  };
}

function headersOf(problems: readonly Problem[]): NonNullable<Response['headers']> {
  const sent = problems.map(({ headers }) => Object.keys(headers).filter(isDescribedHeader));
  const isAlwaysSent = (name: ResponseHeader) => sent.every((names) => names.includes(name));
  return Object.fromEntries(
    [...new Set(sent.flat())].map((name) => [name, describeHeader(name, isAlwaysSent(name))]),
  );
}

const EXAMPLE_REQUEST = {
  instance: '/path/of/the/request',
  request_id: '4b4b2f43-3d0d-4d0a-9c6a-6f3f0a3f7f0e',
};
