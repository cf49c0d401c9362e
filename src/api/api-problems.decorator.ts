import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { DomainError } from '../errors/domain-error';
import { toProblem } from '../errors/problem-details';

/** Marks what an operation can answer with, until the OpenAPI document is complete. */
export const PROBLEM_OF_OPERATION = 'x-problem-';

/**
 * Documents the errors of a route, each by one instance. What they look like is taken from the
 * mapping that answers real requests. Errors that any route can give are added by `openapi.ts`.
 */
export function ApiProblems(...errors: DomainError[]): MethodDecorator {
  const problems = errors.map(toProblem);
  return applyDecorators(
    ...problems.map((problem) =>
      ApiExtension(`${PROBLEM_OF_OPERATION}${problem.body.code}`, problem),
    ),
  );
}
