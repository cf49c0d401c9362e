/** Explains the problems of one code to people. Backticks enclose code. */
export interface ProblemDescription {
  /** The HTTP status of the response. */
  readonly status: number;
  readonly meaning: string;
  /** What the client or its user can do. */
  readonly remedy: string;
}

/** Explanations by code. */
export type ProblemCatalogue = Readonly<Record<string, ProblemDescription>>;

/**
 * Every code of this application, sorted by status. `GET /problems/{code}` and the table in
 * `docs/errors.md` are made from it. A module adds an entry for each of its errors.
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
    remedy: 'Use an HTTP library, and check whether a proxy changes the request.',
  },
  invalid_cursor: {
    status: 400,
    meaning: 'The cursor was altered, or belongs to another list.',
    remedy: 'Start with the first page. Send `next_cursor` unchanged, and with the same filters.',
  },
  unauthenticated: {
    status: 401,
    meaning: 'The request has no bearer token.',
    remedy: 'Log in, and send `Authorization: Bearer` with the access token.',
  },
  invalid_token: {
    status: 401,
    meaning: 'The access token is rejected. `reason` is `expired`, `session_ended` or `invalid`.',
    remedy: 'Get new tokens with `POST /auth/refresh` if it has expired; otherwise log in again.',
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
      'The refresh token was used before. Its session has ended, because it may have been stolen.',
    remedy: 'Log in again. Keep only the newest refresh token, and use it once.',
  },
  forbidden: {
    status: 403,
    meaning: 'The route requires another role.',
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
    remedy: 'Check the id, and the account of the access token.',
  },
  session_not_found: {
    status: 404,
    meaning: 'There is no such session, or it belongs to another user.',
    remedy: 'List your sessions with `GET /auth/sessions`. It may have ended.',
  },
  webhook_not_found: {
    status: 404,
    meaning: 'There is no such webhook, or it belongs to another user.',
    remedy: 'List your webhooks with `GET /webhooks`. Those of admins are at `/admin/webhooks`.',
  },
  event_not_found: {
    status: 404,
    meaning: 'There is no such event, or the webhook does not receive the events of its order.',
    remedy: 'Check the `id` of the event, such as `evt_1_2`.',
  },
  problem_not_found: {
    status: 404,
    meaning: 'No problem has this code.',
    remedy: 'Look up the code at `/problems`.',
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
    remedy: 'Send the request again, on a new connection.',
  },
  email_taken: {
    status: 409,
    meaning: 'Another account has this e-mail address.',
    remedy: 'Log in to that account, or use another address.',
  },
  order_not_cancellable: {
    status: 409,
    meaning:
      'The order is not pending; for an admin, it is neither pending nor failed. `current_status` is its status.',
    remedy: 'None: its owner can cancel a pending order, and an admin also a failed one.',
  },
  order_not_retryable: {
    status: 409,
    meaning: 'The order has not failed. `current_status` is its status.',
    remedy: 'None: only a failed order can be retried.',
  },
  reference_taken: {
    status: 409,
    meaning: 'Another of your orders has this `reference`. `order_id` is its id.',
    remedy:
      'Read that order: an earlier request has placed it. For another order, use another reference.',
  },
  open_orders_limit_reached: {
    status: 409,
    meaning: 'The user has `MAX_OPEN_ORDERS_PER_USER` pending and processing orders.',
    remedy: 'Wait `Retry-After` seconds until some of them are completed, or cancel pending ones.',
  },
  processing_disabled: {
    status: 409,
    meaning:
      'The instance was started with `PROCESSING_ENABLED=false`. Only version 2.0 responds with it.',
    remedy: 'Send the request to an instance of a later version, or to one that processes orders.',
  },
  idempotency_in_progress: {
    status: 409,
    meaning: 'Another request with the same `Idempotency-Key` is in progress.',
    remedy: 'Send the same request again after `Retry-After` seconds.',
  },
  webhook_limit_reached: {
    status: 409,
    meaning: 'The user has 5 webhooks.',
    remedy: 'Delete one, or let one receive more types of events.',
  },
  webhook_not_enabled: {
    status: 409,
    meaning: 'The webhook is paused or disabled, so nothing is sent to it.',
    remedy: 'Enable it with `PATCH`, and repeat the request.',
  },
  webhook_secret_unreadable: {
    status: 409,
    meaning: 'The secret was encrypted with a `JWT_SECRET` that the server no longer knows.',
    remedy:
      'Rotate the secret of the webhook, give the new one to the receiver, and enable the webhook.',
  },
  position_expired: {
    status: 410,
    meaning:
      'The retention of orders has deleted events after this position; without `after`, the position is 0. From `oldest_position` on, no event is missing.',
    remedy:
      'Read your orders with `GET /orders`, and continue with `after` = `oldest_position` - 1.',
  },
  precondition_failed: {
    status: 412,
    meaning: 'The order has changed since the client read it: `If-Match` has another `ETag`.',
    remedy: 'Read the order again, and repeat the request with its new `ETag` if it still applies.',
  },
  payload_too_large: {
    status: 413,
    meaning: 'The body exceeds 100 KB, or arrived in more than 5,000 chunks.',
    remedy: 'Send a smaller body, with a `Content-Length` instead of chunks.',
  },
  unsupported_media_type: {
    status: 415,
    meaning:
      'The body is not `application/json` (or `application/merge-patch+json` for `PATCH /orders/{id}`), or has an unknown encoding.',
    remedy: 'Send `Content-Type: application/json` and JSON in UTF-8.',
  },
  expectation_failed: {
    status: 417,
    meaning: '`Expect` has a value other than `100-continue`.',
    remedy: 'Omit `Expect`.',
  },
  idempotency_key_reused: {
    status: 422,
    meaning: 'The `Idempotency-Key` was used for a request with another body in the last 24 hours.',
    remedy: 'Use a new key for each request that is not a repetition.',
  },
  webhook_url_forbidden: {
    status: 422,
    meaning:
      'The URL leads to a private or special network, uses `http:`, or a port below 1024 other than 443.',
    remedy: 'Use an https URL on the public internet, with port 443 or one from 1024.',
  },
  rate_limited: {
    status: 429,
    meaning: 'The client sent too many requests, or had too many failed attempts.',
    remedy: 'Wait `Retry-After` seconds. `RateLimit` has `r=0` for the exceeded limit.',
  },
  headers_too_large: {
    status: 431,
    meaning: 'The headers exceed 16 KB, or are more than 100. The connection is closed.',
    remedy: 'Send fewer or shorter headers.',
  },
  internal_error: {
    status: 500,
    meaning: 'A defect of the server. The server log has the cause under the `request_id`.',
    remedy: 'Report the `request_id` to the operator.',
  },
  service_unavailable: {
    status: 503,
    meaning:
      'The server or the database is overloaded or unreachable. With `GET /health/ready`, `checks` has the failed check: `{"database":"down"}`, `{"migrations":"pending"}` or `{"shutdown":"begun"}`.',
    remedy: 'Send the request again after `Retry-After` seconds.',
  },
} as const satisfies ProblemCatalogue;
