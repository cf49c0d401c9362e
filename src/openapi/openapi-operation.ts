import { STATUS_CODES } from 'node:http';
import type { OpenAPIObject } from '@nestjs/swagger';
import { PUBLIC_OPERATION } from '../common/access.decorators';
import { PROBLEM_OF_OPERATION } from '../common/api-problems.decorator';
import {
  InternalError,
  InvalidTokenError,
  MalformedBodyError,
  PayloadTooLargeError,
  RateLimitedError,
  ServiceUnavailableError,
  UnauthenticatedError,
  UnsupportedMediaTypeError,
  ValidationFailedError,
} from '../common/common.errors';
import type { DomainError } from '../common/domain-error';
import { MAX_BODY_KILOBYTES } from '../http/json-body';
import { LIMITED_OPERATION } from '../common/limit-by-address.decorator';
import { type ResponseHeader, describeHeader } from './openapi-headers';
import { type Response, problemResponses } from './openapi-problems';
import { type Problem, toProblem } from '../common/problem-details';

/** An operation as the routes' decorators leave it: with marks that are for here only. */
export type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & {
  [PUBLIC_OPERATION]?: true;
  [LIMITED_OPERATION]?: true;
  [problem: ProblemMark]: Problem;
};

type ProblemMark = `${typeof PROBLEM_OF_OPERATION}${string}`;

/** Adds what follows from the decorators, and from the global guards, pipes and filters. */
export function completeOperation(operation: Operation): void {
  const isPublic = operation[PUBLIC_OPERATION] ?? false;
  const isLimited = !isPublic || (operation[LIMITED_OPERATION] ?? false);
  if (isPublic) operation.security = [];
  for (const [status, response] of responsesOf(operation)) {
    response.description ||= STATUS_CODES[status] ?? '';
  }
  const problems = [
    ...takeProblems(operation),
    ...commonErrors(operation, isPublic, isLimited).map(toProblem),
  ];
  Object.assign(operation.responses, problemResponses(problems));
  const headers: ResponseHeader[] = ['X-Request-Id'];
  if (isLimited) headers.push('RateLimit-Policy', 'RateLimit');
  for (const [, response] of responsesOf(operation)) addHeaders(response, headers);
  delete operation[PUBLIC_OPERATION];
  delete operation[LIMITED_OPERATION];
}

function responsesOf({ responses }: Operation): [string, Response][] {
  return Object.entries(responses) as [string, Response][];
}

function addHeaders(response: Response, names: readonly ResponseHeader[]): void {
  const described = names.map((name) => [name, describeHeader(name)]);
  response.headers = { ...response.headers, ...Object.fromEntries(described) };
}

function takeProblems(operation: Operation): Problem[] {
  const marks = Object.keys(operation).filter((key) => key.startsWith(PROBLEM_OF_OPERATION));
  return marks.flatMap((mark) => {
    const { [mark as ProblemMark]: problem } = operation;
    delete operation[mark as ProblemMark];
    return problem ?? [];
  });
}

/** The errors that any operation of the kind can give. */
function commonErrors(
  { requestBody }: Operation,
  isPublic: boolean,
  isLimited: boolean,
): DomainError[] {
  const errors: DomainError[] = [
    new ValidationFailedError([{ field: 'limit', message: 'limit must not be greater than 100' }]),
    new InternalError(),
    new ServiceUnavailableError(),
  ];
  if (!isPublic) errors.push(new UnauthenticatedError(), new InvalidTokenError('expired'));
  if (isLimited) errors.push(new RateLimitedError(1));
  if (requestBody) {
    errors.push(
      new MalformedBodyError(),
      new PayloadTooLargeError(MAX_BODY_KILOBYTES),
      new UnsupportedMediaTypeError(),
    );
  }
  return errors;
}
