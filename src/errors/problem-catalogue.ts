/** One kind of problem, explained to people. Text between backticks is code. */
export interface ProblemDescription {
  /** The HTTP status of the response. */
  readonly status: number;
  readonly meaning: string;
  /** What a client, or the person behind it, can do. */
  readonly remedy: string;
}

/** Problems by their codes. */
export type ProblemCatalogue = Readonly<Record<string, ProblemDescription>>;

/**
 * Every code that this application responds with, by status. `GET /problems/{code}` and the table of
 * `docs/errors.md` are made from it. A module adds a row for each of its errors.
 */
export const PROBLEM_CATALOGUE = {
  validation_failed: {
    status: 400,
    meaning: 'A field is missing, wrong or unknown. `errors` lists each `field` with a `message`.',
    remedy: 'Correct the fields named in `errors`.',
  },
  malformed_body: {
    status: 400,
    meaning: 'The body is not a JSON object, is nested too deeply, or has too many members.',
    remedy: 'Send one JSON object, nested at most 20 levels deep, with at most 1,000 members.',
  },
  malformed_request: {
    status: 400,
    meaning: 'The request or its target is not valid HTTP/1.1. The connection is closed.',
    remedy: 'Use an HTTP library; check what a proxy on the way changes.',
  },
  invalid_cursor: {
    status: 400,
    meaning: 'The cursor was altered, or belongs to another list.',
    remedy: 'Start with the first page, and pass `next_cursor` on unchanged with the same filters.',
  },
  unauthenticated: {
    status: 401,
    meaning: 'The request has no bearer token.',
    remedy: 'Log in, and send `Authorization: Bearer` with the access token.',
  },
  invalid_token: {
    status: 401,
    meaning:
      'The access token is not accepted. `reason` is `expired`, `session_ended` or `invalid`.',
    remedy: 'Get new tokens from `POST /auth/refresh` when it is expired; otherwise log in again.',
  },
  invalid_credentials: {
    status: 401,
    meaning: 'The e-mail address or the password is wrong.',
    remedy: 'Check both. Failed attempts are limited.',
  },
  refresh_token_invalid: {
    status: 401,
    meaning: 'The refresh token was never issued, or its session has ended.',
    remedy: 'Log in again.',
  },
  refresh_token_reused: {
    status: 401,
    meaning:
      'The refresh token was used before. Its session was ended, as it may have been stolen.',
    remedy: 'Log in again. Keep only the newest refresh token, and use it once.',
  },
  forbidden: {
    status: 403,
    meaning: 'The route is for another role.',
    remedy: 'Ask an operator to promote the account.',
  },
  not_found: {
    status: 404,
    meaning: 'There is no such route.',
    remedy: 'Compare the path with `/openapi.json`.',
  },
  order_not_found: {
    status: 404,
    meaning: 'There is no such order, or it belongs to another user.',
    remedy: 'Check the id, and whose token was sent.',
  },
  session_not_found: {
    status: 404,
    meaning: 'There is no such session, or it belongs to another user.',
    remedy: 'List the sessions with `GET /auth/sessions`; it may have ended already.',
  },
  problem_not_found: {
    status: 404,
    meaning: 'No problem has this code.',
    remedy: 'Find the code in the list at `/problems`.',
  },
  method_not_allowed: {
    status: 405,
    meaning: 'The route does not support this method.',
    remedy: 'Use one of the methods in the `Allow` header.',
  },
  request_timeout: {
    status: 408,
    meaning:
      'The request did not arrive within 30 s, or its headers within 15 s. The connection is closed.',
    remedy: 'Send it again on a new connection.',
  },
  email_taken: {
    status: 409,
    meaning: 'An account with this e-mail address exists already.',
    remedy: 'Log in, or use another address.',
  },
  order_not_cancellable: {
    status: 409,
    meaning: 'The order is not pending. `current_status` is the status it has now.',
    remedy: 'Nothing: only a pending order can be cancelled.',
  },
  order_not_retryable: {
    status: 409,
    meaning: 'The order has not failed. `current_status` is the status it has now.',
    remedy: 'Nothing: only a failed order can be retried.',
  },
  open_orders_limit_reached: {
    status: 409,
    meaning: 'The user has `MAX_OPEN_ORDERS_PER_USER` pending and processing orders.',
    remedy: 'Wait for `Retry-After` seconds, until some of them have ended, or cancel some.',
  },
  processing_disabled: {
    status: 409,
    meaning: 'This instance was started with `PROCESSING_ENABLED=false`.',
    remedy: 'Send the request to an instance that processes orders.',
  },
  idempotency_in_progress: {
    status: 409,
    meaning: 'A request with the same `Idempotency-Key` has not finished.',
    remedy: 'Send the same request again after `Retry-After` seconds.',
  },
  precondition_failed: {
    status: 412,
    meaning: 'The order has changed since the client read it: `If-Match` has another `ETag`.',
    remedy: 'Read the order again, decide again, and send its new `ETag`.',
  },
  payload_too_large: {
    status: 413,
    meaning: 'The body has more than 100 KB.',
    remedy: 'Send a smaller body.',
  },
  unsupported_media_type: {
    status: 415,
    meaning: 'The body is not `application/json`, or has an unknown encoding.',
    remedy: 'Send `Content-Type: application/json` and JSON in UTF-8.',
  },
  expectation_failed: {
    status: 417,
    meaning: '`Expect` has another value than `100-continue`.',
    remedy: 'Leave `Expect` out.',
  },
  idempotency_key_reused: {
    status: 422,
    meaning: 'The `Idempotency-Key` was used for a request with another body in the last 24 hours.',
    remedy: 'Use a new key for each new order.',
  },
  rate_limited: {
    status: 429,
    meaning: 'Too many requests or failed attempts.',
    remedy: 'Wait for `Retry-After` seconds. `RateLimit` has `r=0` for the limit that refused.',
  },
  headers_too_large: {
    status: 431,
    meaning: 'There are more than 16 KB or 100 headers. The connection is closed.',
    remedy: 'Send fewer or shorter headers.',
  },
  internal_error: {
    status: 500,
    meaning: 'A defect of the server. Its log has the cause under the `request_id`.',
    remedy: 'Report the `request_id` to the operator.',
  },
  service_unavailable: {
    status: 503,
    meaning:
      'The server or the database is overloaded, or cannot be reached. For `GET /health/ready`, `checks` names what keeps the instance from serving: `{"database":"down"}`, `{"migrations":"pending"}` or `{"shutdown":"begun"}`.',
    remedy: 'Send the request again after `Retry-After` seconds.',
  },
} as const satisfies ProblemCatalogue;
