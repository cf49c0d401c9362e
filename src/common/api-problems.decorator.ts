import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import type { DomainError } from './domain-error';
import { toProblem } from './problem-details';

/** The OpenAPI description of the errors that a route gives with one status. */
export interface ProblemResponse {
  description: string;
  headers: Record<string, { schema: { type: 'string'; example: string } }>;
  content: {
    'application/problem+json': {
      schema: { $ref: string };
      examples: Record<string, { summary: string; value: unknown }>;
    };
  };
}

/**
 * Documents the errors of a route, each by one instance. What they look like is taken from the
 * mapping that answers real requests. Errors that any route can give are added by `openapi.ts`.
 */
export function ApiProblems(...errors: DomainError[]): MethodDecorator {
  const responses = problemResponses(errors);
  return applyDecorators(
    ...Object.entries(responses).map(([status, response]) =>
      ApiResponse({ status: Number(status), ...response }),
    ),
  );
}

/** Groups errors by their HTTP status. */
export function problemResponses(errors: readonly DomainError[]): Record<string, ProblemResponse> {
  const responses: Record<string, ProblemResponse> = {};
  for (const { status, headers, body } of errors.map(toProblem)) {
    const example = { summary: body.title, value: { ...body, ...EXAMPLE_REQUEST } };
    const response = (responses[status] ??= emptyResponse());
    const { examples } = response.content['application/problem+json'];
    examples[body.code] = example;
    for (const [name, value] of Object.entries(headers)) {
      response.headers[name] = { schema: { type: 'string', example: value } };
    }
    response.description = [response.description, body.detail].filter(Boolean).join(' · ');
  }
  return responses;
}

function emptyResponse(): ProblemResponse {
  const schema = { $ref: '#/components/schemas/ProblemDetails' };
  return {
    description: '',
    headers: {},
    content: { 'application/problem+json': { schema, examples: {} } },
  };
}

const EXAMPLE_REQUEST = {
  instance: '/path/of/the/request',
  request_id: '4b4b2f43-3d0d-4d0a-9c6a-6f3f0a3f7f0e',
};
