import type { RateLimit } from '../common/rate-limit-headers';
import { DomainError } from './domain-error';

/** One invalid input. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** Fields of the request are missing, wrong or unknown. */
export class ValidationFailedError extends DomainError {
  constructor(errors: readonly FieldError[]) {
    super(400, 'validation_failed', 'The request has invalid fields', { errors });
  }

  /** @param rule what the field must be, without its name */
  static ofField(field: string, rule: string): ValidationFailedError {
    return new this([{ field, message: `${field} ${rule}` }]);
  }
}

/** The body is not a JSON object, is nested too deeply, or has too many members. */
export class MalformedBodyError extends DomainError {
  constructor(detail = 'The request body is not valid JSON', cause?: unknown) {
    super(400, 'malformed_body', detail, {}, { cause });
  }
}

/** The request is not valid HTTP/1.1. */
export class MalformedRequestError extends DomainError {
  constructor(detail = 'The request is not valid HTTP/1.1') {
    super(400, 'malformed_request', detail);
  }
}

/** The client sent the request too slowly. */
export class RequestTimeoutError extends DomainError {
  constructor() {
    super(408, 'request_timeout', 'The request did not arrive in time');
  }
}

/** `Expect` has an unknown value (RFC 9110, section 10.1.1). */
export class ExpectationFailedError extends DomainError {
  constructor() {
    super(417, 'expectation_failed', 'Only 100-continue can be expected');
  }
}

/** The headers are too large or too many (RFC 6585, section 5). */
export class HeadersTooLargeError extends DomainError {
  constructor() {
    super(431, 'headers_too_large', 'The request headers exceed 16 KB, or are more than 100');
  }
}

/** The body is too large, or arrived in too many chunks. */
export class PayloadTooLargeError extends DomainError {
  constructor(limitKilobytes: number, detail = `The request body exceeds ${limitKilobytes} KB`) {
    super(413, 'payload_too_large', detail);
  }
}

/** The body is not JSON in UTF-8. */
export class UnsupportedMediaTypeError extends DomainError {
  constructor() {
    super(415, 'unsupported_media_type', 'The request body must be application/json');
  }
}

/** The cursor was altered, or belongs to another list. */
export class InvalidCursorError extends DomainError {
  constructor() {
    super(400, 'invalid_cursor', 'The cursor does not belong to this list');
  }
}

/** The resource has changed since the client read it. */
export class PreconditionFailedError extends DomainError {
  constructor() {
    super(412, 'precondition_failed', 'If-Match does not name the current state');
  }
}

/** The request has no token. */
export class UnauthenticatedError extends DomainError {
  constructor() {
    super(401, 'unauthenticated', 'A bearer token is required');
  }
}

/**
 * Why a token is rejected: it has expired, its session has ended (or its account was deleted), or this
 * server did not issue it.
 */
export type InvalidTokenReason = 'expired' | 'session_ended' | 'invalid';

/** The token is rejected. With the `reason` `expired`, the client can refresh it. */
export class InvalidTokenError extends DomainError {
  constructor(readonly reason: InvalidTokenReason = 'session_ended') {
    super(401, 'invalid_token', 'Could not validate credentials', { reason });
  }
}

/** The account has none of the roles that the route requires. */
export class ForbiddenError extends DomainError {
  constructor() {
    super(403, 'forbidden', 'Your role does not allow this');
  }
}

/** No route has this path. */
export class RouteNotFoundError extends DomainError {
  constructor() {
    super(404, 'not_found', 'There is no such route');
  }
}

/** The path has routes of other methods only. `Allow` lists these. */
export class MethodNotAllowedError extends DomainError {
  constructor(readonly allowedMethods: readonly string[]) {
    super(405, 'method_not_allowed', 'This route does not support the method');
  }
}

/** A limit of requests or of failed attempts is exceeded (RFC 6585, section 4). */
export class RateLimitedError extends DomainError {
  /**
   * @param retryAfterSeconds at least 1
   * @param limit the exceeded limit, unless the response has its headers already
   */
  constructor(
    override readonly retryAfterSeconds: number,
    detail = 'Too many requests, try again later',
    readonly limit?: RateLimit,
  ) {
    super(429, 'rate_limited', detail);
  }
}

/** A defect. Only the log has the cause. */
export class InternalError extends DomainError {
  constructor(cause?: unknown) {
    super(500, 'internal_error', 'An unexpected error occurred', {}, { cause });
  }
}

/** The server or the database is unreachable or overloaded. Only the log has the cause. */
export class ServiceUnavailableError extends DomainError {
  constructor(
    override readonly retryAfterSeconds = 5,
    cause?: unknown,
    extensions: Readonly<Record<string, unknown>> = {},
  ) {
    super(503, 'service_unavailable', 'Try again later', extensions, { cause });
  }
}
