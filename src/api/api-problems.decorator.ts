import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import type { DomainError } from '../errors/domain-error';
import { toProblem } from '../errors/problem-details';

/** Marks the problems of an operation until the OpenAPI document is complete. */
export const PROBLEM_OF_OPERATION = 'x-problem-';

/**
 * Documents the errors of a route, each by one instance. {@link toProblem} makes their examples, as it
 * makes the responses. `openapi-operation.ts` adds the errors that every route has.
 */
export function ApiProblems(...errors: DomainError[]): MethodDecorator {
  const problems = errors.map(toProblem);
  return applyDecorators(
    ...problems.map((problem) =>
      ApiExtension(`${PROBLEM_OF_OPERATION}${problem.body.code}`, problem),
    ),
  );
}
