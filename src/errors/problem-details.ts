import { rateLimitHeaders } from '../common/rate-limit-headers';
import {
  InvalidTokenError,
  type InvalidTokenReason,
  MethodNotAllowedError,
  RateLimitedError,
} from './common.errors';
import type { DomainError } from './domain-error';

/** The response with an error (RFC 9457). `instance` and `request_id` are added for each request. */
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
  /** The members of the body that belong to this code only. */
  readonly extensions: Readonly<Record<string, unknown>>;
}

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
    return { 'Retry-After': String(retryAfterSeconds), ...exceededLimit(error, retryAfterSeconds) };
  }
  if (error.status === 401) return { 'WWW-Authenticate': challengeFor(error) };
  return {};
}

/** Replaces the headers of limits that the request did not exceed. */
function exceededLimit(error: DomainError, resetSeconds: number): Record<string, string> {
  if (!(error instanceof RateLimitedError) || !error.limit) return {};
  return rateLimitHeaders(error.limit, { remaining: 0, resetSeconds });
}

/** Without a token, the challenge has no error code (RFC 6750, section 3). */
function challengeFor(error: DomainError): string {
  const challenge = 'Bearer realm="orders"';
  if (!(error instanceof InvalidTokenError)) return challenge;
  return `${challenge}, error="invalid_token", error_description="${DESCRIPTIONS[error.reason]}"`;
}

/** The `error_description` of a rejected token (RFC 6750, section 3.1). */
const DESCRIPTIONS: Readonly<Record<InvalidTokenReason, string>> = {
  expired: 'The access token expired',
  session_ended: 'The session of the access token has ended',
  invalid: 'The access token is invalid',
};

/** The `title` of a problem: its code with blanks. */
export function titleOf(code: string): string {
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
