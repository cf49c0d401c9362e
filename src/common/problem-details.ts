import { HttpException } from '@nestjs/common';
import { isDatabaseUnavailable } from '../database/database.errors';
import {
  ForbiddenError,
  InternalError,
  InvalidTokenError,
  type InvalidTokenReason,
  MethodNotAllowedError,
  RateLimitedError,
  RouteNotFoundError,
  ServiceUnavailableError,
  ValidationFailedError,
} from './common.errors';
import { DomainError, type ErrorKind } from './domain-error';
import { rateLimitHeaders } from './rate-limit-headers';

/** An error as clients see it (RFC 9457). `instance` and `request_id` are added per request. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: {
    readonly type: string;
    readonly title: string;
    readonly status: number;
    readonly detail: string;
    readonly code: string;
    readonly [extension: string]: unknown;
  };
  /** Members of the body that problems of other codes do not have. */
  readonly extensions: Readonly<Record<string, unknown>>;
}

const STATUS: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  timeout: 408,
  conflict: 409,
  precondition_failed: 412,
  too_large: 413,
  unsupported: 415,
  unmet_expectation: 417,
  unprocessable: 422,
  rate_limited: 429,
  headers_too_large: 431,
  internal: 500,
  unavailable: 503,
};

/** Describes a domain error to clients. */
export function toProblem(error: DomainError): Problem {
  const status = STATUS[error.kind];
  return {
    status,
    headers: headersOf(error),
    body: {
      type: `/problems/${error.code}`,
      title: titleOf(error.code),
      status,
      detail: error.message,
      code: error.code,
      ...error.extensions,
    },
    extensions: error.extensions,
  };
}

/** Finds the domain error that stands for anything that can be thrown while serving a request. */
export function toDomainError(thrown: unknown): DomainError {
  if (thrown instanceof DomainError) return thrown;
  if (isDatabaseUnavailable(thrown)) return new ServiceUnavailableError(undefined, thrown);
  if (isOutOfDescriptors(thrown)) return new ServiceUnavailableError(undefined, thrown);
  if (thrown instanceof HttpException) return fromHttpException(thrown);
  return new InternalError(thrown);
}

/** Files of the explorer cannot be opened while connections hold all descriptors. */
function isOutOfDescriptors(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return false;
  return thrown.code === 'EMFILE' || thrown.code === 'ENFILE';
}

/** Only the framework throws these; the application has errors of its own. */
function fromHttpException(exception: HttpException): DomainError {
  const status = exception.getStatus();
  switch (status) {
    case 400: // a path that is not valid percent-encoding
      return new ValidationFailedError([{ field: 'path', message: 'path is not valid' }]);
    case 403:
      return new ForbiddenError();
    case 404:
      return new RouteNotFoundError();
    case 503:
      return new ServiceUnavailableError(undefined, exception);
    default:
      // Below 500: conditions and ranges for the files of the explorer that cannot be met.
      return status < 500
        ? new ValidationFailedError([{ field: 'headers', message: 'headers cannot be satisfied' }])
        : new InternalError(exception);
  }
}

function headersOf(error: DomainError): Record<string, string> {
  if (error instanceof MethodNotAllowedError) return { Allow: error.allowedMethods.join(', ') };
  const { retryAfterSeconds } = error;
  if (retryAfterSeconds !== undefined) {
    return { 'Retry-After': String(retryAfterSeconds), ...refusingLimit(error, retryAfterSeconds) };
  }
  if (error.kind === 'unauthenticated') return { 'WWW-Authenticate': challengeFor(error) };
  return {};
}

/** In place of the limits that the request kept to, which would only mislead. */
function refusingLimit(error: DomainError, resetSeconds: number): Record<string, string> {
  if (!(error instanceof RateLimitedError) || !error.limit) return {};
  return rateLimitHeaders(error.limit, { remaining: 0, resetSeconds });
}

/** The challenge to a request without a token has no error code (RFC 6750, section 3). */
function challengeFor(error: DomainError): string {
  const challenge = 'Bearer realm="orders"';
  if (!(error instanceof InvalidTokenError)) return challenge;
  return `${challenge}, error="invalid_token", error_description="${REFUSAL[error.reason]}"`;
}

/** Why a token is refused, in words (RFC 6750, section 3.1). */
const REFUSAL: Readonly<Record<InvalidTokenReason, string>> = {
  expired: 'The access token expired',
  session_ended: 'The session of the access token has ended',
  invalid: 'The access token is invalid',
};

/** The `title` of a problem: its code in words. */
export function titleOf(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
