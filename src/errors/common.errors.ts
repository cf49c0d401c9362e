import { DomainError } from './domain-error';
import type { RateLimit } from '../common/rate-limit-headers';

/** One input that was refused. */
export interface FieldError {
  readonly field: string;
  readonly message: string;
}

/** Fields of the request are missing, wrong or unknown. */
export class ValidationFailedError extends DomainError {
  constructor(errors: readonly FieldError[]) {
    super(400, 'validation_failed', 'The request has invalid fields', { errors });
  }
}

/** The body is not a JSON object, is nested too deeply, or has too many members. */
export class MalformedBodyError extends DomainError {
  constructor(detail = 'The request body is not valid JSON', cause?: unknown) {
    super(400, 'malformed_body', detail, {}, { cause });
  }
}

/** The request is not one that HTTP/1.1 allows. */
export class MalformedRequestError extends DomainError {
  constructor(detail = 'The request is not valid HTTP/1.1') {
    super(400, 'malformed_request', detail);
  }
}

/** The client was too slow to send. */
export class RequestTimeoutError extends DomainError {
  constructor() {
    super(408, 'request_timeout', 'The request did not arrive in time');
  }
}

/** `Expect` has a value that the server does not know (RFC 9110, section 10.1.1). */
export class ExpectationFailedError extends DomainError {
  constructor() {
    super(417, 'expectation_failed', 'Only 100-continue can be expected');
  }
}

/** The headers are larger, or more, than the server reads (RFC 6585, section 5). */
export class HeadersTooLargeError extends DomainError {
  constructor(detail = 'The request headers exceed 16 KB') {
    super(431, 'headers_too_large', detail);
  }
}

/** The body exceeds what is read of it. */
export class PayloadTooLargeError extends DomainError {
  constructor(limitKilobytes: number, detail = `The request body exceeds ${limitKilobytes} KB`) {
    super(413, 'payload_too_large', detail);
  }
}

/** The body is in another format or encoding than JSON in UTF-8. */
export class UnsupportedMediaTypeError extends DomainError {
  constructor() {
    super(415, 'unsupported_media_type', 'The request body must be application/json');
  }
}

/** The cursor was altered, or comes from another list. */
export class InvalidCursorError extends DomainError {
  constructor() {
    super(400, 'invalid_cursor', 'The cursor does not belong to this list');
  }
}

/** What the client wants to change is no longer what it has seen. */
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
 * Why a token is refused: `expired`, its session has ended (or its account was deleted), or it is
 * not a token that this server issued.
 */
export type InvalidTokenReason = 'expired' | 'session_ended' | 'invalid';

/** The token is not accepted; `reason` tells clients whether refreshing it can help. */
export class InvalidTokenError extends DomainError {
  constructor(readonly reason: InvalidTokenReason = 'session_ended') {
    super(401, 'invalid_token', 'Could not validate credentials', { reason });
  }
}

/** The account has none of the roles that the route is for. */
export class ForbiddenError extends DomainError {
  constructor() {
    super(403, 'forbidden', 'Your role does not allow this');
  }
}

/** Nothing has this path. */
export class RouteNotFoundError extends DomainError {
  constructor() {
    super(404, 'not_found', 'There is no such route');
  }
}

/** Other methods have this path; `Allow` names them. */
export class MethodNotAllowedError extends DomainError {
  constructor(readonly allowedMethods: readonly string[]) {
    super(405, 'method_not_allowed', 'This route does not support the method');
  }
}

/** A limit of requests or of guesses is used up (RFC 6585, section 4). */
export class RateLimitedError extends DomainError {
  /**
   * @param retryAfterSeconds when a client may try again, at least 1
   * @param limit the limit that refused, unless the response lists it already
   */
  constructor(
    override readonly retryAfterSeconds: number,
    detail = 'Too many requests, try again later',
    readonly limit?: RateLimit,
  ) {
    super(429, 'rate_limited', detail);
  }
}

/** A defect. The cause is for the log only. */
export class InternalError extends DomainError {
  constructor(cause?: unknown) {
    super(500, 'internal_error', 'An unexpected error occurred', {}, { cause });
  }
}

/** What the request needs is away or overloaded. The cause is for the log only. */
export class ServiceUnavailableError extends DomainError {
  /** @param retryAfterSeconds when a client may try again */
  constructor(
    override readonly retryAfterSeconds = 5,
    cause?: unknown,
    extensions: Readonly<Record<string, unknown>> = {},
  ) {
    super(503, 'service_unavailable', 'Try again later', extensions, { cause });
  }
}
