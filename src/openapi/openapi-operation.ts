import { STATUS_CODES } from 'node:http';
import type { OpenAPIObject } from '@nestjs/swagger';
import { PUBLIC_OPERATION } from '../api/access.decorators';
import { PROBLEM_OF_OPERATION } from '../api/api-problems.decorator';
import {
  type FieldError,
  InternalError,
  InvalidTokenError,
  MalformedBodyError,
  PayloadTooLargeError,
  RateLimitedError,
  ServiceUnavailableError,
  UnauthenticatedError,
  UnsupportedMediaTypeError,
  ValidationFailedError,
} from '../errors/common.errors';
import type { DomainError } from '../errors/domain-error';
import { LIMITED_OPERATION } from '../api/limit-by-address.decorator';
import { type Problem, toProblem } from '../errors/problem-details';
import { MAX_BODY_KILOBYTES } from '../http/json-body';
import { type ResponseHeader, describeHeaders } from './openapi-headers';
import type { ProblemDescriptions, Response } from './openapi-problems';

type ProblemMark = `${typeof PROBLEM_OF_OPERATION}${string}`;

/** An operation as Nest describes it, with the marks of this project's decorators. */
export type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & {
  [PUBLIC_OPERATION]?: true;
  [LIMITED_OPERATION]?: true;
  [problem: ProblemMark]: Problem;
};

/** Rejected requests are counted on every route, so every problem has the headers of the limits. */
export const HEADERS_OF_PROBLEMS = ['X-Request-Id', 'RateLimit-Policy', 'RateLimit'] as const;

/** Replaces the marks by what they mean, and adds the errors of the global guards, pipes and filters. */
export function completeOperation(
  path: string,
  operation: Operation,
  descriptions: ProblemDescriptions,
): void {
  const isPublic = operation[PUBLIC_OPERATION] ?? false;
  const isLimited = !isPublic || (operation[LIMITED_OPERATION] ?? false);
  if (isPublic) operation.security = [];
  const headers: ResponseHeader[] = ['X-Request-Id'];
  if (isLimited) headers.push('RateLimit-Policy', 'RateLimit');
  for (const [status, response] of Object.entries(operation.responses)) {
    if (response === undefined || '$ref' in response) continue;
    response.description ||= STATUS_CODES[status] ?? '';
    addHeaders(response, headers);
  }
  const declared = takeProblems(operation);
  const common = commonErrors(operation, isPublic).map(toProblem);
  const instance = path.replace('{code}', 'unknown').replaceAll(/\{\w+\}/g, '1');
  const described = descriptions.responsesOf(
    withoutDuplicates([...declared, ...common]),
    instance,
    ownCodesOf(declared, common),
  );
  for (const response of Object.values(described)) {
    if (response && !('$ref' in response)) addHeaders(response, HEADERS_OF_PROBLEMS);
  }
  Object.assign(operation.responses, described);
  delete operation[PUBLIC_OPERATION];
  delete operation[LIMITED_OPERATION];
}

export function addHeaders(response: Response, names: readonly ResponseHeader[]): void {
  response.headers = { ...response.headers, ...describeHeaders(names) };
}

/** Keeps the first problem of each code. */
function withoutDuplicates(problems: readonly Problem[]): Problem[] {
  const codes = problems.map(({ body }) => body.code);
  return problems.filter(({ body }, index) => codes.indexOf(body.code) === index);
}

/** Validation errors, and problems that the route declares in a form that differs from the common one. */
function ownCodesOf(declared: readonly Problem[], common: readonly Problem[]): Set<string> {
  const usual = new Map(common.map(({ body }) => [body.code, JSON.stringify(body)]));
  const changed = declared.filter(
    ({ body }) => usual.has(body.code) && usual.get(body.code) !== JSON.stringify(body),
  );
  return new Set(['validation_failed', ...changed.map(({ body }) => body.code)]);
}

function takeProblems(operation: Operation): Problem[] {
  const marks = Object.keys(operation).filter((key) => key.startsWith(PROBLEM_OF_OPERATION));
  return marks.flatMap((mark) => {
    const { [mark as ProblemMark]: problem } = operation;
    delete operation[mark as ProblemMark];
    return problem ?? [];
  });
}

/** The errors that every operation of this kind has. */
function commonErrors(operation: Operation, isPublic: boolean): DomainError[] {
  const errors: DomainError[] = [
    new ValidationFailedError([invalidInputOf(operation)]),
    new RateLimitedError(1),
    new InternalError(),
    new ServiceUnavailableError(),
  ];
  if (!isPublic) errors.push(new UnauthenticatedError(), new InvalidTokenError('expired'));
  if (operation.requestBody) {
    errors.push(
      new MalformedBodyError(),
      new PayloadTooLargeError(MAX_BODY_KILOBYTES),
      new UnsupportedMediaTypeError(),
    );
  }
  return errors;
}

/** An error that a request with these parameters can have. */
function invalidInputOf({ parameters = [] }: Operation): FieldError {
  const has = (name: string) => parameters.some((one) => 'name' in one && one.name === name);
  if (has('limit')) return { field: 'limit', message: 'limit must not be greater than 100' };
  if (has('id')) return { field: 'id', message: 'id must be a positive integer' };
  return { field: 'page', message: 'property page should not exist' };
}
