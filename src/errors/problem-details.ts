import {
  InvalidTokenError,
  type InvalidTokenReason,
  MethodNotAllowedError,
  RateLimitedError,
} from './common.errors';
import type { DomainError } from './domain-error';
import { rateLimitHeaders } from '../common/rate-limit-headers';

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

/** Describes a domain error to clients. */
export function toProblem(error: DomainError): Problem {
  const { status } = error;
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

function headersOf(error: DomainError): Record<string, string> {
  if (error instanceof MethodNotAllowedError) return { Allow: error.allowedMethods.join(', ') };
  const { retryAfterSeconds } = error;
  if (retryAfterSeconds !== undefined) {
    return { 'Retry-After': String(retryAfterSeconds), ...refusingLimit(error, retryAfterSeconds) };
  }
  if (error.status === 401) return { 'WWW-Authenticate': challengeFor(error) };
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
