export interface paths {
  '/users/me': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Returns your account.
     * @description `role` is current, even if it was changed after the login.
     */
    get: operations['getCurrentUser'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/auth/register': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Registers an account.
     * @description The e-mail address is stored in lower case. The response has no tokens: log in next.
     */
    post: operations['register'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/auth/login': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Exchanges e-mail and password for an access token and a refresh token.
     * @description Starts a session. From the fifth failed login on, each failure starts a longer delay.
     *     During a delay, logins are rejected with 429 and `Retry-After`.
     */
    post: operations['login'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/auth/refresh': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Exchanges a refresh token for a new access token and the next refresh token.
     * @description Each refresh token works once. For ten seconds, or until the next refresh token is used,
     *     a repeated request returns the same next refresh token, so that a client that lost the response
     *     can retry. After that, using the token again ends the session, because someone may have copied
     *     it.
     */
    post: operations['refreshTokens'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/auth/password': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Changes your password, ends all of your other sessions, and returns new tokens for this one.
     * @description Requires the current password. The earlier tokens of this session stop working, in case
     *     someone has copied them. Wrong passwords are limited like failed logins.
     */
    post: operations['changePassword'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/auth/sessions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists your sessions, the most recently refreshed first.
     * @description `current` marks the session of the request.
     */
    get: operations['listSessions'];
    put?: never;
    post?: never;
    /**
     * Ends all of your sessions, including the current one.
     * @description All tokens of the account stop working.
     */
    delete: operations['endAllSessions'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/auth/logout': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Ends the current session: its tokens stop working.
     * @description On other instances of the server, the access token works for up to 5 more seconds.
     */
    post: operations['logout'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/auth/sessions/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Ends one of your sessions.
     * @description Its tokens stop working. A session of another user is reported as not found.
     */
    delete: operations['endSession'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/orders': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists your orders, newest first, a page at a time.
     * @description Filters combine. A cursor works only with the filters of its own list. A page can have
     *     fewer orders than `limit`, or none, although others follow, with `metadata` or `reference` and a further
     *     filter, or when the metadata is long: only `next_cursor` shows whether the list has ended.
     */
    get: operations['listOrders'];
    put?: never;
    /**
     * Places an order.
     * @description The order is pending until the job claims it. With an `Idempotency-Key`, the request can be
     *     repeated safely. A `reference` is used once among your orders, without a time limit.
     */
    post: operations['placeOrder'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/orders/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Exports your orders as CSV, newest first.
     * @description One line per order. Filters combine, as in the list. Orders that are placed
     *     meanwhile are not included.
     */
    get: operations['exportOrders'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/orders/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Returns one of your orders.
     * @description With `If-None-Match`, 304 while the order has not changed.
     */
    get: operations['getOrder'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Changes the metadata of one of your orders, in any status.
     * @description The body is a JSON merge patch (RFC 7396): keys that it does not mention are kept, null removes
     *     a key. With `If-Match`, 412 when the order has changed since it was read. The history has no entry of it.
     */
    patch: operations['patchOrder'];
    trace?: never;
  };
  '/orders/{id}/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Cancels one of your pending orders.
     * @description With `If-Match`, 412 when the order has changed since it was read. With an `Idempotency-Key`,
     *     the request can be repeated safely: a repetition returns the first response, also with `If-Match`.
     */
    patch: operations['cancelOrder'];
    trace?: never;
  };
  '/orders/{id}/history': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Returns the history of one of your orders, oldest entry first.
     * @description One entry per transition. The first entry is the placement of the order.
     */
    get: operations['getOrderHistory'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/orders': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists the orders of all users, newest first, a page at a time.
     * @description Filters combine. A cursor works only with the filters of its own list. A page can have
     *     fewer orders than `limit`, or none, although others follow, with `metadata` or `reference` and a further
     *     filter, or when the metadata is long: only `next_cursor` shows whether the list has ended.
     */
    get: operations['adminListOrders'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/orders/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Exports the orders of all users as CSV, newest first.
     * @description One line per order. Filters combine, as in the list. Orders that are placed
     *     meanwhile are not included.
     */
    get: operations['adminExportOrders'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/orders/stats': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Counts the orders of all users by status.
     * @description The numbers include each committed change. The cost does not depend on the number of orders,
     *     unless the statistics are being rebuilt.
     */
    get: operations['adminGetOrderStats'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/orders/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Returns an order of any user.
     * @description With `If-None-Match`, 304 while the order has not changed.
     */
    get: operations['adminGetOrder'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/orders/{id}/history': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Returns the history of an order of any user, oldest entry first.
     * @description As its owner sees it: one entry per transition.
     */
    get: operations['adminGetOrderHistory'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/orders/{id}/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Cancels a pending or failed order.
     * @description The owner sees the reason, in the order and in its history. With an `Idempotency-Key`, the
     *     request can be repeated safely.
     */
    post: operations['adminCancelOrder'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/orders/{id}/retry': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Retries a failed order.
     * @description The order is pending again, and its attempts are reset. With an `Idempotency-Key`, the request
     *     can be repeated safely.
     */
    post: operations['adminRetryOrder'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/orders/retries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Retries many failed orders.
     * @description Select them by `ids`, or by a `filter`, which matches failed orders by default. Each order is
     *     retried under its own condition: `data` has the outcome of each. The request can be repeated, because an
     *     order that was retried is not failed any more. Try it with `dry_run` first.
     */
    post: operations['adminRetryOrders'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/orders/cancellations': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Cancels many pending and failed orders.
     * @description Select them by `ids`, or by a `filter`, which matches pending and failed orders by default. Each
     *     order is cancelled under its own condition: `data` has the outcome of each. The request can be repeated.
     *     Try it with `dry_run` first: an empty filter matches the orders of all users.
     */
    post: operations['adminCancelOrders'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/processing': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Returns the state of processing: what is due, the throughput, and the instances.
     * @description It is read at most once in 5 s; `as_of` is the instant. With `If-None-Match`, 304 while it has
     *     not changed.
     */
    get: operations['getProcessing'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/processing/runs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Wakes the processors of all instances, which then look for due orders within 2 s.
     * @description The response does not wait for the orders to be processed. While a run is in progress, no
     *     other one starts: it claims what has become due, without waiting for its running attempts. While
     *     processing is paused, nothing happens. Only instances of version 2.0 respond with 409.
     */
    post: operations['wakeProcessor'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/processing/pause': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Pauses processing: within 2 s, no instance claims orders any more.
     * @description Also after restarts, until an admin resumes processing. Orders that are being processed are
     *     finished. Orders can still be placed, cancelled and retried. If processing is paused already, nothing
     *     happens.
     */
    post: operations['pauseProcessing'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/processing/resume': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Resumes processing: within 2 s, all instances that process orders look for due ones.
     * @description If processing is not paused, nothing happens.
     */
    post: operations['resumeProcessing'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists what happened to your orders, oldest first, from a position on.
     * @description Each transition is one event. The list is complete, and nothing is added before a position that
     *     was returned: repeat the request with `next_after`, at once while `has_more` is true. Events are kept until
     *     the retention of orders deletes one of yours: then all up to the highest deleted position are unavailable,
     *     also those of orders that still exist, and a lower `after` gets 410, also 0, which is the default.
     */
    get: operations['listEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/events/stream': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Streams what happens to your orders, as Server-Sent Events.
     * @description The stream begins after `Last-Event-ID`, else after `after`, else now, and misses nothing from
     *     there on. `id` is the position, `event` the type, and `data` the event as `GET /events` has it. It ends
     *     when the access token expires: reconnect with a new one. Beyond 5 streams of a user, or 1,000 of all users, on an
     *     instance, the response is 503 with `Retry-After`.
     */
    get: operations['streamEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists what happened to the orders of all users, oldest first, from a position on.
     * @description As `GET /events`. Positions have no gaps above the highest one that the retention of orders has
     *     deleted; events below it are unavailable.
     */
    get: operations['adminListEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/events/stream': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Streams what happens to the orders of all users, as Server-Sent Events.
     * @description As `GET /events/stream`. It also ends some seconds after the account has lost the role.
     */
    get: operations['adminStreamEvents'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/webhooks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists your webhooks, oldest first, a page at a time.
     * @description Their secrets are not shown.
     */
    get: operations['listWebhooks'];
    put?: never;
    /**
     * Creates a webhook that receives the events of your orders.
     * @description Each event is sent as a signed `POST` request, at least once until its retries are spent, and those
     *     of one order in their sequence. Verify the signature with `secret`, which is shown only here.
     */
    post: operations['createWebhook'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/webhooks/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Returns a webhook.
     * @description Without its secret, which is shown when the webhook is created and when the secret is rotated.
     */
    get: operations['getWebhook'];
    put?: never;
    post?: never;
    /**
     * Deletes a webhook, with its list of deliveries.
     * @description Nothing more is sent; requests that have begun may still arrive.
     */
    delete: operations['deleteWebhook'];
    options?: never;
    head?: never;
    /**
     * Changes, pauses or enables a webhook.
     * @description Events of the time while it was paused or disabled are sent when it is enabled, unless the retention of
     *     orders has deleted them (`missed_through`). Enabling it also ends the pause after failures.
     */
    patch: operations['updateWebhook'];
    trace?: never;
  };
  '/webhooks/{id}/secret': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Rotates the secret of a webhook.
     * @description For 24 hours, requests also have a signature by the previous secret, so that the receiver can change it
     *     meanwhile. A further rotation ends that at once.
     */
    post: operations['rotateWebhookSecret'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/webhooks/{id}/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Sends a test event, and returns the outcome.
     * @description Its `type` is `webhook.test`. It is sent to paused and disabled webhooks too, and is not repeated. The
     *     response is 503 on an instance that sends no webhooks.
     */
    post: operations['testWebhook'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/webhooks/{id}/replay': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Sends all events after a position again, and then continues.
     * @description They have the same `id` as before. Events after it that wait for a retry are sent with them. A webhook
     *     that is paused or disabled begins when it is enabled.
     */
    post: operations['replayWebhook'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/webhooks/{id}/deliveries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists the deliveries of a webhook, the latest event first, in pages.
     * @description Entries are kept for 7 days after a success, and for 30 days when the retries are spent.
     */
    get: operations['listWebhookDeliveries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/webhooks/{id}/deliveries/{event_id}/redeliver': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Sends an event again, once.
     * @description It is sent as soon as possible, with its `id`. Its entry in the list has the outcome. It can be an event of
     *     another type, or from before the webhook was created. A failure is not followed by retries, unless some are left.
     */
    post: operations['redeliverWebhookEvent'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/webhooks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists the webhooks of all admins, oldest first, a page at a time.
     * @description Their secrets are not shown.
     */
    get: operations['adminListWebhooks'];
    put?: never;
    /**
     * Creates a webhook that receives the events of the orders of all users.
     * @description Each event is sent as a signed `POST` request, at least once until its retries are spent, and those
     *     of one order in their sequence. Verify the signature with `secret`, which is shown only here.
     */
    post: operations['adminCreateWebhook'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/webhooks/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Returns a webhook.
     * @description Without its secret, which is shown when the webhook is created and when the secret is rotated.
     */
    get: operations['adminGetWebhook'];
    put?: never;
    post?: never;
    /**
     * Deletes a webhook, with its list of deliveries.
     * @description Nothing more is sent; requests that have begun may still arrive.
     */
    delete: operations['adminDeleteWebhook'];
    options?: never;
    head?: never;
    /**
     * Changes, pauses or enables a webhook.
     * @description Events of the time while it was paused or disabled are sent when it is enabled, unless the retention of
     *     orders has deleted them (`missed_through`). Enabling it also ends the pause after failures.
     */
    patch: operations['adminUpdateWebhook'];
    trace?: never;
  };
  '/admin/webhooks/{id}/secret': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Rotates the secret of a webhook.
     * @description For 24 hours, requests also have a signature by the previous secret, so that the receiver can change it
     *     meanwhile. A further rotation ends that at once.
     */
    post: operations['adminRotateWebhookSecret'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/webhooks/{id}/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Sends a test event, and returns the outcome.
     * @description Its `type` is `webhook.test`. It is sent to paused and disabled webhooks too, and is not repeated. The
     *     response is 503 on an instance that sends no webhooks.
     */
    post: operations['adminTestWebhook'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/webhooks/{id}/replay': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Sends all events after a position again, and then continues.
     * @description They have the same `id` as before. Events after it that wait for a retry are sent with them. A webhook
     *     that is paused or disabled begins when it is enabled.
     */
    post: operations['adminReplayWebhook'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/webhooks/{id}/deliveries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists the deliveries of a webhook, the latest event first, in pages.
     * @description Entries are kept for 7 days after a success, and for 30 days when the retries are spent.
     */
    get: operations['adminListWebhookDeliveries'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/admin/webhooks/{id}/deliveries/{event_id}/redeliver': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Sends an event again, once.
     * @description It is sent as soon as possible, with its `id`. Its entry in the list has the outcome. It can be an event of
     *     another type, or from before the webhook was created. A failure is not followed by retries, unless some are left.
     */
    post: operations['adminRedeliverWebhookEvent'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Returns the status of the API.
     * @description `Link` leads to the API reference, this document and the readiness probe.
     */
    get: operations['getStatus'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health/live': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Checks whether the process is alive.
     * @description Does not use the database. Restart an instance that does not respond.
     */
    get: operations['checkLiveness'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health/ready': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Checks whether the instance can serve requests.
     * @description Queries the database. 503 while the database is unreachable, while migrations are pending, and
     *     during a shutdown; `checks` has the failed check.
     */
    get: operations['checkReadiness'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/problems': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Lists all problems.
     * @description An HTML page: each code with its status and meaning.
     */
    get: operations['listProblems'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/problems/{code}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Explains a problem.
     * @description An HTML page: what the problem means, and what to do. The `type` of a problem document
     *     links to it.
     */
    get: operations['explainProblem'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export interface webhooks {
  event: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Receives an event, at a URL that was set with `POST /webhooks`.
     * @description Signed according to Standard Webhooks (https://www.standardwebhooks.com). `User-Agent` is `order-management-api/<version> (webhooks)`. Events arrive at least once until their retries are spent, and those of one order in their sequence: ignore an `id` that was handled.
     */
    post: operations['receiveEvent'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  test: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Receives a test event, which `POST /webhooks/{id}/test` sends.
     * @description Signed according to Standard Webhooks (https://www.standardwebhooks.com). `User-Agent` is `order-management-api/<version> (webhooks)`. It is sent once, it is not part of the log, and it has no entry in the list of deliveries.
     */
    post: operations['receiveTestEvent'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export interface components {
  schemas: {
    /** @enum {string} */
    Role: 'customer' | 'admin';
    User: {
      /**
       * Format: int64
       * @example 1
       */
      id: number;
      /** @example John */
      name: string;
      /**
       * Format: email
       * @description In lower case.
       * @example john@example.com
       */
      email: string;
      /** @example customer */
      role: components['schemas']['Role'];
      /**
       * Format: date-time
       * @example 2026-01-31T12:00:00.000Z
       */
      created_at: string;
    };
    RegisterRequest: {
      /** @example John */
      name: string;
      /**
       * Format: email
       * @example john@example.com
       */
      email: string;
      /**
       * Format: password
       * @description At least 8 characters, at most 72 bytes in UTF-8.
       * @example secure123
       */
      password: string;
    };
    LoginRequest: {
      /**
       * Format: email
       * @example john@example.com
       */
      email: string;
      /**
       * Format: password
       * @example secure123
       */
      password: string;
    };
    Tokens: {
      /**
       * @example bearer
       * @enum {string}
       */
      token_type: 'bearer';
      /**
       * @description Seconds until the access token expires.
       * @example 900
       */
      expires_in: number;
      /**
       * @description Seconds until the refresh token expires.
       * @example 604800
       */
      refresh_expires_in: number;
      /**
       * @description A JSON Web Token (RFC 7519) for the `Authorization: Bearer` header.
       * @example eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIxIn0.signature
       */
      access_token: string;
      /**
       * @description For `POST /auth/refresh`. Each refresh token works once.
       * @example 0b9bfa0c-6c1b-4c5e-8a58-3c8e5b9d7f11.0.signature
       */
      refresh_token: string;
    };
    RefreshRequest: {
      /** @description The latest `refresh_token` of the session. */
      refresh_token: string;
    };
    ChangePasswordRequest: {
      /**
       * Format: password
       * @example secure123
       */
      current_password: string;
      /**
       * Format: password
       * @description At least 8 characters, at most 72 bytes in UTF-8.
       * @example another secure one
       */
      new_password: string;
    };
    Session: {
      /**
       * Format: int64
       * @example 1
       */
      id: number;
      /**
       * @description The `User-Agent` header of the login, at most 500 characters.
       * @example Mozilla/5.0
       */
      user_agent: string | null;
      /**
       * Format: date-time
       * @example 2026-01-31T12:00:00.000Z
       */
      created_at: string;
      /**
       * Format: date-time
       * @description When its tokens were last refreshed, or the time of the login.
       * @example 2026-01-31T12:00:00.000Z
       */
      refreshed_at: string;
      /**
       * Format: date-time
       * @description When the session expires unless it is refreshed.
       * @example 2026-02-07T12:00:00.000Z
       */
      expires_at: string;
      /** @description Whether this is the session of the request. */
      current: boolean;
      /**
       * @description The IP address of the login.
       * @example 203.0.113.7
       */
      ip_address: string;
    };
    SessionList: {
      data: components['schemas']['Session'][];
    };
    PlaceOrderRequest: {
      /** @example Laptop */
      product_name: string;
      /**
       * @description A decimal number with at most two decimals.
       * @example 999.99
       */
      amount: number;
      /**
       * @description Your own number for the order, which no other of your orders may have. It is compared exactly, and
       *     never changes.
       * @example A-1001
       */
      reference?: string | null;
      /**
       * @description Strings that are stored with the order, by key. A key has 1 to 40 letters, digits, `_`, `.` and `-`.
       * @example {
       *       "channel": "web"
       *     }
       */
      metadata?: {
        [key: string]: string;
      } | null;
    };
    /** @enum {string} */
    OrderStatus: 'pending' | 'processing' | 'completed' | 'cancelled' | 'failed';
    /**
     * @description The actions that the owner can perform on the order now.
     * @enum {string}
     */
    OrderAction: 'cancel';
    Order: {
      /**
       * Format: int64
       * @example 1
       */
      id: number;
      /**
       * Format: int64
       * @description The user who placed the order.
       * @example 1
       */
      user_id: number;
      /** @example Laptop */
      product_name: string;
      /**
       * @description A decimal number with at most two decimals, exact. Use a decimal type to add amounts.
       * @example 999.99
       */
      amount: number;
      /** @example pending */
      status: components['schemas']['OrderStatus'];
      /**
       * @description The actions that the owner can perform on the order now.
       * @example [
       *       "cancel"
       *     ]
       */
      allowed_actions: components['schemas']['OrderAction'][];
      /**
       * Format: date-time
       * @example 2026-01-31T12:00:00.000Z
       */
      created_at: string;
      /**
       * Format: date-time
       * @example 2026-01-31T12:00:00.000Z
       */
      updated_at: string;
      /**
       * Format: date-time
       * @example null
       */
      cancelled_at: string | null;
      /** @example null */
      cancel_reason: string | null;
      /**
       * Format: date-time
       * @example null
       */
      completed_at: string | null;
      /**
       * @description How many attempts at processing there were since the order was placed or last retried by an admin,
       *     including the current one. An attempt that a shutdown ended does not count.
       * @example 0
       */
      attempts: number;
      /**
       * @description Why the order failed; null in every other status.
       * @example null
       */
      failure_reason: string | null;
      /**
       * @description The number that the owner has given to the order; null without one.
       * @example A-1001
       */
      reference: string | null;
      /**
       * @description What the owner has stored with the order: strings by key. Empty when there is nothing.
       * @example {
       *       "channel": "web"
       *     }
       */
      metadata: {
        [key: string]: string;
      };
      /**
       * Format: date-time
       * @description When the order is due: the next run after that claims it. It is later than `updated_at` while the
       *     order is postponed. Null when the order is not pending.
       * @example 2026-01-31T12:00:00.000Z
       */
      next_attempt_at: string | null;
    };
    OrderPage: {
      /**
       * @description The `cursor` of the next page; null on the last page.
       * @example null
       */
      next_cursor: string | null;
      /** @description Newest first. */
      data: components['schemas']['Order'][];
    };
    PatchOrderRequest: {
      /**
       * @description Keys with their new values. Null removes a key, or, in place of the object, all keys. Keys that are
       *     not mentioned are kept; in the end there may be at most 50.
       * @example {
       *       "channel": "phone",
       *       "campaign": null
       *     }
       */
      metadata: {
        [key: string]: string | null;
      } | null;
    };
    CancelOrderRequest: {
      /** @example Ordered twice */
      reason?: string | null;
    };
    /** @enum {string} */
    ActorType: 'user' | 'system' | 'admin';
    Actor: {
      /** @example user */
      type: components['schemas']['ActorType'];
      /**
       * Format: int64
       * @description The user; null for the system.
       * @example 1
       */
      id: number | null;
    };
    OrderHistoryEntry: {
      /**
       * @description The number of the entry within the order, from 1.
       * @example 1
       */
      sequence: number;
      /**
       * @description Null on the first entry.
       * @example null
       */
      from: components['schemas']['OrderStatus'] | null;
      /** @example pending */
      to: components['schemas']['OrderStatus'];
      /** @example null */
      reason: string | null;
      /**
       * @description The `X-Request-Id` of the request that caused the transition; in entries of the system, of the
       *     request that placed the order. Null when it is not known.
       * @example 4b4b2f43-3d0d-4d0a-9c6a-6f3f0a3f7f0e
       */
      request_id: string | null;
      /**
       * Format: date-time
       * @example 2026-01-31T12:00:00.000Z
       */
      created_at: string;
      actor: components['schemas']['Actor'];
    };
    OrderHistory: {
      /** @description Oldest first. */
      data: components['schemas']['OrderHistoryEntry'][];
    };
    AdminOrder: {
      /**
       * Format: int64
       * @example 1
       */
      id: number;
      /**
       * Format: int64
       * @description The user who placed the order.
       * @example 1
       */
      user_id: number;
      /** @example Laptop */
      product_name: string;
      /**
       * @description A decimal number with at most two decimals, exact. Use a decimal type to add amounts.
       * @example 999.99
       */
      amount: number;
      /** @example pending */
      status: components['schemas']['OrderStatus'];
      /**
       * @description The actions that the owner can perform on the order now.
       * @example [
       *       "cancel"
       *     ]
       */
      allowed_actions: components['schemas']['OrderAction'][];
      /**
       * Format: date-time
       * @example 2026-01-31T12:00:00.000Z
       */
      created_at: string;
      /**
       * Format: date-time
       * @example 2026-01-31T12:00:00.000Z
       */
      updated_at: string;
      /**
       * Format: date-time
       * @example null
       */
      cancelled_at: string | null;
      /** @example null */
      cancel_reason: string | null;
      /**
       * Format: date-time
       * @example null
       */
      completed_at: string | null;
      /**
       * @description How many attempts at processing there were since the order was placed or last retried by an admin,
       *     including the current one. An attempt that a shutdown ended does not count.
       * @example 0
       */
      attempts: number;
      /**
       * @description Why the order failed; null in every other status.
       * @example null
       */
      failure_reason: string | null;
      /**
       * @description The number that the owner has given to the order; null without one.
       * @example A-1001
       */
      reference: string | null;
      /**
       * @description What the owner has stored with the order: strings by key. Empty when there is nothing.
       * @example {
       *       "channel": "web"
       *     }
       */
      metadata: {
        [key: string]: string;
      };
      /**
       * Format: date-time
       * @description When the order is due: the next run after that claims it. It is later than `updated_at` while the
       *     order is postponed. Null when the order is not pending.
       * @example 2026-01-31T12:00:00.000Z
       */
      next_attempt_at: string | null;
      /**
       * Format: date-time
       * @description When the lease of a processing order expires, by the clock of the database. The instance that has
       *     claimed the order renews the lease; an expired one is reclaimed. Null in every other status.
       * @example null
       */
      lease_expires_at: string | null;
    };
    AdminOrderPage: {
      /**
       * @description The `cursor` of the next page; null on the last page.
       * @example null
       */
      next_cursor: string | null;
      /** @description Newest first. */
      data: components['schemas']['AdminOrder'][];
    };
    OrderCounts: {
      /** @example 3 */
      pending: number;
      /** @example 1 */
      processing: number;
      /** @example 250 */
      completed: number;
      /** @example 12 */
      cancelled: number;
      /** @example 0 */
      failed: number;
    };
    OrderStats: {
      /**
       * @description How long ago the oldest pending order was placed; null when no order is pending.
       * @example 42
       */
      oldest_pending_age_seconds: number | null;
      counts: components['schemas']['OrderCounts'];
    };
    BulkFilter: {
      /**
       * @description One status, or several. By default those of the orders that can be moved. Orders in another status are
       *     reported, and not moved.
       * @example failed
       */
      status?: components['schemas']['OrderStatus'] | components['schemas']['OrderStatus'][];
      /**
       * Format: int64
       * @description Orders of this user.
       */
      user_id?: number;
      /**
       * Format: date-time
       * @description Orders that were placed at this instant (RFC 3339) or later.
       */
      created_from?: string;
      /**
       * Format: date-time
       * @description Orders that were placed before this instant (RFC 3339).
       */
      created_to?: string;
    };
    RetryOrdersRequest: {
      /**
       * @description The orders. Duplicates are removed.
       * @example [
       *       1,
       *       2
       *     ]
       */
      ids?: number[];
      /** @description The newest orders that match, up to `limit`. */
      filter?: components['schemas']['BulkFilter'];
      /**
       * @description With a filter: how many orders are moved at most.
       * @default 100
       */
      limit: number;
      /**
       * @description With true, nothing changes: the response says which orders would be moved.
       * @default false
       */
      dry_run: boolean;
    };
    OrderOutcome: {
      /**
       * Format: int64
       * @example 1
       */
      id: number;
      /**
       * @description Whether the order was moved. Always false in a dry run.
       * @example true
       */
      done: boolean;
      /**
       * @description Why the order was not moved, or in a dry run would not be: the code that the route for one order
       *     responds with. With a filter, `order_not_retryable` or `order_not_cancellable` can also mean that the
       *     order no longer matches the filter. `service_unavailable`: another transaction has locked the order for
       *     too long, the request did not reach it within 20 s, or the database failed. Null if it was moved, or
       *     would be.
       * @example null
       */
      code: string | null;
    };
    BulkResult: {
      /**
       * @description How many orders the filter matched, counted up to 10,000, or how many of the ids exist. If it is
       *     greater than the length of `data`, there are more: send the request again while `done` is greater than
       *     0. When it is 0, those in `data` cannot be moved now: to continue with the orders that are older, send as
       *     `created_to` when the last one in `data` was placed whose `code` is not `service_unavailable`.
       * @example 1
       */
      matched: number;
      /**
       * @description How many orders were moved.
       * @example 1
       */
      done: number;
      /**
       * @description As in the request.
       * @example false
       */
      dry_run: boolean;
      /** @description One entry per order, in the order of the ids, or the newest order first. */
      data: components['schemas']['OrderOutcome'][];
    };
    CancelOrdersRequest: {
      /**
       * @description The orders. Duplicates are removed.
       * @example [
       *       1,
       *       2
       *     ]
       */
      ids?: number[];
      /** @description The newest orders that match, up to `limit`. */
      filter?: components['schemas']['BulkFilter'];
      /**
       * @description With a filter: how many orders are moved at most.
       * @default 100
       */
      limit: number;
      /**
       * @description With true, nothing changes: the response says which orders would be moved.
       * @default false
       */
      dry_run: boolean;
      /** @example Out of stock */
      reason?: string | null;
    };
    ThroughputMinute: {
      /**
       * Format: date-time
       * @description The start of the minute.
       * @example 2026-01-31T12:00:00.000Z
       */
      minute: string;
      /** @example 250 */
      completed: number;
      /**
       * @description Those whose last attempt failed, also when they were retried since.
       * @example 2
       */
      failed: number;
    };
    Instance: {
      /**
       * @description Its host and process id, and a part that differs after each start.
       * @example worker-1-4242-9f86d081
       */
      id: string;
      /** @example 2.2.0 */
      version: string;
      /**
       * Format: date-time
       * @example 2026-01-31T12:00:00.000Z
       */
      started_at: string;
      /**
       * Format: date-time
       * @description When it last reported itself: every 10 s, or every 2 s while its state changes.
       * @example 2026-01-31T12:00:00.000Z
       */
      last_seen_at: string;
      /**
       * @description How many orders it processes at the same time at most; 0 with `PROCESSING_ENABLED=false`.
       * @example 50
       */
      concurrency: number;
      /**
       * @description How many orders it was processing.
       * @example 3
       */
      in_flight: number;
      /**
       * Format: date-time
       * @description When it last looked for due orders; null when it has not yet.
       * @example 2026-01-31T12:00:00.000Z
       */
      last_run_at: string | null;
      /**
       * Format: date-time
       * @description When it looks for due orders next by its schedule; null when it never does, or in years.
       * @example 2026-01-31T12:02:00.000Z
       */
      next_run_at: string | null;
      /** @description False with `PROCESSING_ENABLED=false`, and once its shutdown has begun. */
      processing: boolean;
    };
    ProcessingStatus: {
      /**
       * @description How many orders are due; 100,000 stands for as many or more.
       * @example 12
       */
      due: number;
      /**
       * @description For how long the oldest due order has been due; null when no order is due.
       * @example 42
       */
      oldest_due_age_seconds: number | null;
      /**
       * @description How many orders have the status `processing`, also those of an instance that died and whose lease has
       *     not expired; 100,000 stands for as many or more.
       * @example 3
       */
      in_flight: number;
      /**
       * @description The last 60 minutes, the oldest first. The last one has not ended. Orders are usually counted within a second, and
       *     also after they were deleted.
       */
      throughput: components['schemas']['ThroughputMinute'][];
      /**
       * Format: date-time
       * @description When this was read, by the clock of the database: up to 5 s ago, or longer when reading takes long.
       * @example 2026-01-31T12:00:00.000Z
       */
      as_of: string;
      /** @description Whether an admin has paused processing, as of 2 s ago at most. The other fields are as of `as_of`. */
      paused: boolean;
      /** @description The instances that have reported themselves within the last minute, the oldest first, at most 100. */
      instances: components['schemas']['Instance'][];
    };
    ProcessingRun: {
      /**
       * @example accepted
       * @enum {string}
       */
      status: 'accepted';
    };
    /** @enum {string} */
    EventType:
      | 'order.created'
      | 'order.processing'
      | 'order.completed'
      | 'order.cancelled'
      | 'order.failed'
      | 'order.postponed'
      | 'order.released'
      | 'order.retried';
    EventData: {
      /**
       * Format: int64
       * @description The id of the order.
       * @example 1
       */
      order_id: number;
      /**
       * Format: int64
       * @description The owner of the order.
       * @example 1
       */
      user_id: number;
      /**
       * @description The number of the transition within its order, from 1, without gaps.
       * @example 1
       */
      sequence: number;
      /**
       * @description The status before the transition; null for `order.created`.
       * @example null
       */
      from: components['schemas']['OrderStatus'] | null;
      /**
       * @description The status after the transition.
       * @example pending
       */
      to: components['schemas']['OrderStatus'];
      /**
       * @description The reason of a cancellation, or why an attempt failed or was released; null when there is none.
       * @example null
       */
      reason: string | null;
      /**
       * @description What was ordered.
       * @example Laptop
       */
      product_name: string;
      /**
       * @description A decimal number with at most two decimals, exact.
       * @example 999.99
       */
      amount: number;
      /**
       * @description The reference that the owner gave to the order; null when there is none.
       * @example A-1001
       */
      reference: string | null;
      /** @description Who caused the transition. */
      actor: components['schemas']['Actor'];
    };
    Event: {
      /**
       * @description `evt_<order>_<sequence>`, the same in the feed, in streams and in webhooks.
       * @example evt_1_1
       */
      id: string;
      /** @example order.created */
      type: components['schemas']['EventType'];
      /**
       * Format: date-time
       * @description When the transition happened, by the clock of the database. Sort by `position`, not by it.
       * @example 2026-01-31T12:00:00.000Z
       */
      timestamp: string;
      /**
       * Format: int64
       * @description The position in the log of the orders of all users. Positions ascend; those of one user have gaps.
       * @example 1
       */
      position: number;
      data: components['schemas']['EventData'];
    };
    EventPage: {
      /**
       * Format: int64
       * @description The `after` of the next request. Equal to `after` when there are no further events.
       * @example 1
       */
      next_after: number;
      /**
       * @description True when there are further events now. A page with a `type` can be empty although others follow.
       * @example false
       */
      has_more: boolean;
      /** @description By ascending position. */
      data: components['schemas']['Event'][];
    };
    CreateWebhookRequest: {
      /**
       * @description An https URL on the public internet, with port 443 or one from 1024, and without credentials.
       * @example https://warehouse.example/hooks
       */
      url: string;
      /**
       * @description The types of events that are sent; null or absent: all, also those of later releases.
       * @example [
       *       "order.completed",
       *       "order.failed"
       *     ]
       */
      event_types?: components['schemas']['EventType'][] | null;
      /** @example Warehouse */
      description?: string | null;
    };
    /**
     * @description `enabled`; `paused` by its owner; `disabled` by the server, for the `disabled_reason`.
     * @enum {string}
     */
    WebhookStatus: 'enabled' | 'paused' | 'disabled';
    /**
     * @description Why the server has disabled it: `gone` after a response with 410, `failing` after five days without
     *     success, `secret_unreadable` when its secret is lost, `owner_not_admin` when its creator is no longer an admin.
     * @enum {string}
     */
    WebhookDisabledReason: 'gone' | 'failing' | 'secret_unreadable' | 'owner_not_admin';
    WebhookWithSecret: {
      /**
       * Format: int64
       * @example 1
       */
      id: number;
      /**
       * Format: int64
       * @description The owner: for admins, the admin who has created it.
       * @example 1
       */
      user_id: number;
      /**
       * Format: uri
       * @description Normalized, and without its fragment.
       * @example https://warehouse.example/hooks
       */
      url: string;
      /**
       * @description Null: all types.
       * @example [
       *       "order.completed",
       *       "order.failed"
       *     ]
       */
      event_types: components['schemas']['EventType'][] | null;
      /**
       * @description A note of its owner; null when there is none.
       * @example null
       */
      description: string | null;
      /**
       * @description `enabled`; `paused` by its owner; `disabled` by the server, for the `disabled_reason`.
       * @example enabled
       */
      status: components['schemas']['WebhookStatus'];
      /**
       * @description Why the server has disabled it: `gone` after a response with 410, `failing` after five days without
       *     success, `secret_unreadable` when its secret is lost, `owner_not_admin` when its creator is no longer an admin.
       * @example null
       */
      disabled_reason: components['schemas']['WebhookDisabledReason'] | null;
      /**
       * Format: int64
       * @description All events up to this position were sent, are in the list of deliveries, or are of types that are not sent.
       * @example 1
       */
      position: number;
      /**
       * Format: int64
       * @description Events up to this position were deleted before all of them were sent, because the retention of orders has
       *     deleted them; null: none.
       * @example null
       */
      missed_through: number | null;
      /**
       * @description The number of failed requests since the last success; simultaneous ones beyond the fifth are not counted.
       * @example 0
       */
      consecutive_failures: number;
      /**
       * Format: date-time
       * @description When the first of these failed.
       * @example null
       */
      failing_since: string | null;
      /**
       * Format: date-time
       * @description When the last request succeeded; null before the first success.
       * @example 2026-01-31T12:00:00.000Z
       */
      last_success_at: string | null;
      /**
       * Format: date-time
       * @description Until when requests are also signed with the secret before the last rotation; null when there is none.
       * @example null
       */
      previous_secret_expires_at: string | null;
      /**
       * Format: date-time
       * @example 2026-01-31T12:00:00.000Z
       */
      created_at: string;
      /**
       * Format: date-time
       * @example 2026-01-31T12:00:00.000Z
       */
      updated_at: string;
      /**
       * @description Verify signatures with it, as https://www.standardwebhooks.com describes. The key is what follows `whsec_`, decoded
       *     from base64. It is not shown again.
       * @example whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD8rBQhS6RHbM=
       */
      secret: string;
    };
    Webhook: {
      /**
       * Format: int64
       * @example 1
       */
      id: number;
      /**
       * Format: int64
       * @description The owner: for admins, the admin who has created it.
       * @example 1
       */
      user_id: number;
      /**
       * Format: uri
       * @description Normalized, and without its fragment.
       * @example https://warehouse.example/hooks
       */
      url: string;
      /**
       * @description Null: all types.
       * @example [
       *       "order.completed",
       *       "order.failed"
       *     ]
       */
      event_types: components['schemas']['EventType'][] | null;
      /**
       * @description A note of its owner; null when there is none.
       * @example null
       */
      description: string | null;
      /**
       * @description `enabled`; `paused` by its owner; `disabled` by the server, for the `disabled_reason`.
       * @example enabled
       */
      status: components['schemas']['WebhookStatus'];
      /**
       * @description Why the server has disabled it: `gone` after a response with 410, `failing` after five days without
       *     success, `secret_unreadable` when its secret is lost, `owner_not_admin` when its creator is no longer an admin.
       * @example null
       */
      disabled_reason: components['schemas']['WebhookDisabledReason'] | null;
      /**
       * Format: int64
       * @description All events up to this position were sent, are in the list of deliveries, or are of types that are not sent.
       * @example 1
       */
      position: number;
      /**
       * Format: int64
       * @description Events up to this position were deleted before all of them were sent, because the retention of orders has
       *     deleted them; null: none.
       * @example null
       */
      missed_through: number | null;
      /**
       * @description The number of failed requests since the last success; simultaneous ones beyond the fifth are not counted.
       * @example 0
       */
      consecutive_failures: number;
      /**
       * Format: date-time
       * @description When the first of these failed.
       * @example null
       */
      failing_since: string | null;
      /**
       * Format: date-time
       * @description When the last request succeeded; null before the first success.
       * @example 2026-01-31T12:00:00.000Z
       */
      last_success_at: string | null;
      /**
       * Format: date-time
       * @description Until when requests are also signed with the secret before the last rotation; null when there is none.
       * @example null
       */
      previous_secret_expires_at: string | null;
      /**
       * Format: date-time
       * @example 2026-01-31T12:00:00.000Z
       */
      created_at: string;
      /**
       * Format: date-time
       * @example 2026-01-31T12:00:00.000Z
       */
      updated_at: string;
    };
    WebhookList: {
      /**
       * @description The `cursor` of the next page; null on the last page.
       * @example null
       */
      next_cursor: string | null;
      data: components['schemas']['Webhook'][];
    };
    UpdateWebhookRequest: {
      /** @example https://warehouse.example/hooks */
      url?: string;
      /**
       * @description The types of events that are sent; null: all, also those of later releases.
       * @example [
       *       "order.completed",
       *       "order.failed"
       *     ]
       */
      event_types?: components['schemas']['EventType'][] | null;
      /** @example Warehouse */
      description?: string | null;
      /**
       * @description `enabled` continues where the webhook stopped, and ends the pause after failures, also when it is enabled
       *     already.
       * @example enabled
       * @enum {string}
       */
      status?: 'enabled' | 'paused';
    };
    /**
     * @description Why the request failed: `forbidden_address`, `unresolved` (no address in DNS), `connect_failed`,
     *     `connect_timeout` (5 s), `tls_failed`, `timeout` (15 s), `connection_lost`, `invalid_response`, `redirect`,
     *     `http_status` (not 2xx).
     * @enum {string}
     */
    SendFailure:
      | 'forbidden_address'
      | 'unresolved'
      | 'connect_failed'
      | 'connect_timeout'
      | 'tls_failed'
      | 'timeout'
      | 'connection_lost'
      | 'invalid_response'
      | 'redirect'
      | 'http_status';
    WebhookTest: {
      /**
       * @description Whether the response had a status of 2xx.
       * @example true
       */
      delivered: boolean;
      /**
       * @description The status of the response; null when there was none.
       * @example 204
       */
      response_status: number | null;
      /**
       * @description Why the request failed: `forbidden_address`, `unresolved` (no address in DNS), `connect_failed`,
       *     `connect_timeout` (5 s), `tls_failed`, `timeout` (15 s), `connection_lost`, `invalid_response`, `redirect`,
       *     `http_status` (not 2xx).
       * @example null
       */
      failure: components['schemas']['SendFailure'] | null;
      /**
       * @description How long the request took.
       * @example 42
       */
      duration_ms: number;
    };
    ReplayRequest: {
      /**
       * Format: int64
       * @description The events after this position are sent again; 0: all, also those from before the webhook was created. It must
       *     not be above the position of the webhook.
       */
      after: number;
    };
    /**
     * @description `delivered`; `retrying` after a failure; `waiting` for its turn, or for an earlier event of the same order;
     *     `parked` when the retries are spent, or were ended by a replay, which sends the event again in its turn.
     * @enum {string}
     */
    DeliveryStatus: 'delivered' | 'retrying' | 'waiting' | 'parked';
    /**
     * @description Why the last request failed: `forbidden_address`, `unresolved` (no address in DNS), `connect_failed`,
     *     `connect_timeout` (5 s), `tls_failed`, `timeout` (15 s), `connection_lost`, `invalid_response`, `redirect`,
     *     `http_status` (not 2xx), or `event_deleted` (by the retention of orders).
     * @enum {string}
     */
    DeliveryFailure:
      | 'forbidden_address'
      | 'unresolved'
      | 'connect_failed'
      | 'connect_timeout'
      | 'tls_failed'
      | 'timeout'
      | 'connection_lost'
      | 'invalid_response'
      | 'redirect'
      | 'http_status'
      | 'event_deleted';
    EarlierAttempt: {
      /**
       * Format: date-time
       * @description When the request ended.
       * @example 2026-01-31T11:55:00.000Z
       */
      attempted_at: string;
      /**
       * @description The status of the response; null when there was none.
       * @example 503
       */
      response_status: number | null;
      /**
       * @description Why the request failed; null when it succeeded.
       * @example http_status
       */
      failure: components['schemas']['DeliveryFailure'] | null;
      /**
       * @description How long the request took, in milliseconds.
       * @example 42
       */
      duration_ms: number | null;
    };
    Delivery: {
      /**
       * @description The `id` of the event, which is its `webhook-id`.
       * @example evt_1_1
       */
      event_id: string;
      /**
       * @description The type of the event.
       * @example order.created
       */
      event_type: components['schemas']['EventType'];
      /**
       * Format: int64
       * @description The position of the event.
       * @example 1
       */
      position: number;
      /**
       * @description `delivered`; `retrying` after a failure; `waiting` for its turn, or for an earlier event of the same order;
       *     `parked` when the retries are spent, or were ended by a replay, which sends the event again in its turn.
       * @example delivered
       */
      status: components['schemas']['DeliveryStatus'];
      /**
       * @description The number of requests that have ended. A replay begins again with 1.
       * @example 1
       */
      attempts: number;
      /**
       * @description The status of the last response; null when there was none.
       * @example 200
       */
      response_status: number | null;
      /**
       * @description Why the last request failed: `forbidden_address`, `unresolved` (no address in DNS), `connect_failed`,
       *     `connect_timeout` (5 s), `tls_failed`, `timeout` (15 s), `connection_lost`, `invalid_response`, `redirect`,
       *     `http_status` (not 2xx), or `event_deleted` (by the retention of orders).
       * @example null
       */
      failure: components['schemas']['DeliveryFailure'] | null;
      /**
       * @description How long the last request took, in milliseconds.
       * @example 42
       */
      duration_ms: number | null;
      /**
       * Format: date-time
       * @description When the last request ended.
       * @example 2026-01-31T12:00:00.000Z
       */
      attempted_at: string | null;
      /**
       * Format: date-time
       * @description When the next request is due; null when none follows.
       * @example null
       */
      next_attempt_at: string | null;
      /**
       * @description The requests before the last one, the oldest first, also those before a replay: the last 20 of them. Empty
       *     when there was none.
       */
      earlier_attempts: components['schemas']['EarlierAttempt'][];
    };
    DeliveryPage: {
      /**
       * @description The `cursor` of the next page; null on the last page.
       * @example null
       */
      next_cursor: string | null;
      data: components['schemas']['Delivery'][];
    };
    ApiStatus: {
      /**
       * @example healthy
       * @enum {string}
       */
      status: 'healthy';
      /** @example API is running */
      message: string;
    };
    Health: {
      /**
       * @example ok
       * @enum {string}
       */
      status: 'ok';
    };
    FieldProblem: {
      /** @example limit */
      field: string;
      /** @example limit must not be greater than 100 */
      message: string;
    };
    FailedReadinessChecks: {
      /**
       * @description The database does not respond.
       * @enum {string}
       */
      database?: 'down';
      /**
       * @description The database lacks migrations of this version.
       * @enum {string}
       */
      migrations?: 'pending';
      /**
       * @description The instance is shutting down.
       * @enum {string}
       */
      shutdown?: 'begun';
    };
    Problem: {
      /**
       * Format: uri-reference
       * @description The page that explains the problem, relative to the API: `/problems/` and the code.
       * @example /problems/order_not_found
       */
      type: string;
      /**
       * @description The HTTP status.
       * @example 404
       */
      status: number;
      /**
       * @description Identifies the error to programs. A code never changes.
       * @example order_not_found
       */
      code: string;
      /** @description Identifies the request in the server log; equal to the `X-Request-Id` header. */
      request_id: string;
      /** @example Order not found */
      title: string;
      /**
       * @description Describes the error to people.
       * @example Order not found
       */
      detail: string;
      /**
       * @description The path of the request.
       * @example /orders/1
       */
      instance: string;
    };
    /** @description A field is missing, wrong or unknown. `errors` lists each `field` with a `message`. */
    ValidationFailedProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'validation_failed';
      /** @description The invalid inputs. */
      errors: components['schemas']['FieldProblem'][];
    } & {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'validation_failed';
    };
    /** @description The client sent too many requests, or had too many failed attempts. */
    RateLimitedProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'rate_limited';
    };
    /** @description A defect of the server. The server log has the cause under the `request_id`. */
    InternalErrorProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'internal_error';
    };
    /** @description The server or the database is overloaded or unreachable. With `GET /health/ready`, `checks` has the failed check: `{"database":"down"}`, `{"migrations":"pending"}` or `{"shutdown":"begun"}`. */
    ServiceUnavailableProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'service_unavailable';
      /** @description The failed checks of `GET /health/ready`. */
      checks?: components['schemas']['FailedReadinessChecks'];
    };
    /** @description The request has no bearer token. */
    UnauthenticatedProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'unauthenticated';
    } & {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'unauthenticated';
    };
    /** @description The access token is rejected. `reason` is `expired`, `session_ended` or `invalid`. */
    InvalidTokenProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'invalid_token';
      /**
       * @description Why the access token is rejected: `expired` tokens can be refreshed; after `session_ended` or
       *     `invalid`, log in again.
       * @enum {string}
       */
      reason: 'expired' | 'session_ended' | 'invalid';
    } & {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'invalid_token';
    };
    /** @description Another account has this e-mail address. */
    EmailTakenProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'email_taken';
    };
    /** @description The body is not a JSON object, is nested too deeply, or has too many members. */
    MalformedBodyProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'malformed_body';
    } & {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'malformed_body';
    };
    /** @description The body exceeds 100 KB, or arrived in more than 5,000 chunks. */
    PayloadTooLargeProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'payload_too_large';
    };
    /** @description The body is not `application/json` (or `application/merge-patch+json` for `PATCH /orders/{id}`), or has an unknown encoding. */
    UnsupportedMediaTypeProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'unsupported_media_type';
    };
    /** @description The e-mail address or the password is wrong. */
    InvalidCredentialsProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'invalid_credentials';
    } & {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'invalid_credentials';
    };
    /** @description The refresh token was never issued, or its session has ended. */
    RefreshTokenInvalidProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'refresh_token_invalid';
    } & {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'refresh_token_invalid';
    };
    /** @description The refresh token was used before. Its session has ended, because it may have been stolen. */
    RefreshTokenReusedProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'refresh_token_reused';
    } & {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'refresh_token_reused';
    };
    /** @description There is no such session, or it belongs to another user. */
    SessionNotFoundProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'session_not_found';
    };
    /** @description Another request with the same `Idempotency-Key` is in progress. */
    IdempotencyInProgressProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'idempotency_in_progress';
    } & {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'idempotency_in_progress';
    };
    /** @description The user has `MAX_OPEN_ORDERS_PER_USER` pending and processing orders. */
    OpenOrdersLimitReachedProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'open_orders_limit_reached';
    } & {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'open_orders_limit_reached';
    };
    /** @description Another of your orders has this `reference`. `order_id` is its id. */
    ReferenceTakenProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'reference_taken';
      /**
       * Format: int64
       * @description The order that has the reference.
       */
      order_id: number;
    } & {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'reference_taken';
    };
    /** @description The `Idempotency-Key` was used for a request with another body in the last 24 hours. */
    IdempotencyKeyReusedProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'idempotency_key_reused';
    };
    /** @description The cursor was altered, or belongs to another list. */
    InvalidCursorProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'invalid_cursor';
    } & {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'invalid_cursor';
    };
    /** @description There is no such order, or it belongs to another user. */
    OrderNotFoundProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'order_not_found';
    };
    /** @description The order has changed since the client read it: `If-Match` has another `ETag`. */
    PreconditionFailedProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'precondition_failed';
    };
    /** @description The order is not pending; for an admin, it is neither pending nor failed. `current_status` is its status. */
    OrderNotCancellableProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'order_not_cancellable';
      /** @description The current status of the order. */
      current_status: components['schemas']['OrderStatus'];
    } & {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'order_not_cancellable';
    };
    /** @description The route requires another role. */
    ForbiddenProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'forbidden';
    };
    /** @description The order has not failed. `current_status` is its status. */
    OrderNotRetryableProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'order_not_retryable';
      /** @description The current status of the order. */
      current_status: components['schemas']['OrderStatus'];
    } & {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'order_not_retryable';
    };
    /** @description The instance was started with `PROCESSING_ENABLED=false`. Only version 2.0 responds with it. */
    ProcessingDisabledProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'processing_disabled';
    };
    /** @description The retention of orders has deleted events after this position; without `after`, the position is 0. From `oldest_position` on, no event is missing. */
    PositionExpiredProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'position_expired';
      /**
       * Format: int64
       * @description No event from this position on was deleted: continue with an `after` that is lower by one.
       */
      oldest_position: number;
    };
    /** @description The user has 5 webhooks. */
    WebhookLimitReachedProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'webhook_limit_reached';
    };
    /** @description The URL leads to a private or special network, uses `http:`, or a port below 1024 other than 443. */
    WebhookUrlForbiddenProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'webhook_url_forbidden';
    };
    /** @description There is no such webhook, or it belongs to another user. */
    WebhookNotFoundProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'webhook_not_found';
    } & {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'webhook_not_found';
    };
    /** @description The secret was encrypted with a `JWT_SECRET` that the server no longer knows. */
    WebhookSecretUnreadableProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'webhook_secret_unreadable';
    };
    /** @description There is no such event, or the webhook does not receive the events of its order. */
    EventNotFoundProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'event_not_found';
    } & {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      code: 'event_not_found';
    };
    /** @description The webhook is paused or disabled, so nothing is sent to it. */
    WebhookNotEnabledProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'webhook_not_enabled';
    };
    /** @description No problem has this code. */
    ProblemNotFoundProblem: components['schemas']['Problem'] & {
      /** @enum {string} */
      code: 'problem_not_found';
    };
  };
  responses: {
    /** @description [rate_limited](/problems/rate_limited): Too many requests, try again later */
    RateLimited: {
      headers: {
        'Retry-After': components['headers']['Retry-After'];
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['RateLimitedProblem'];
      };
    };
    /** @description [internal_error](/problems/internal_error): An unexpected error occurred */
    InternalError: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['InternalErrorProblem'];
      };
    };
    /** @description [service_unavailable](/problems/service_unavailable): Try again later */
    ServiceUnavailable: {
      headers: {
        'Retry-After': components['headers']['Retry-After'];
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ServiceUnavailableProblem'];
      };
    };
    /** @description [unauthenticated](/problems/unauthenticated): A bearer token is required · [invalid_token](/problems/invalid_token): Could not validate credentials */
    InvalidTokenOrUnauthenticated: {
      headers: {
        'WWW-Authenticate': components['headers']['WWW-Authenticate'];
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json':
          | components['schemas']['UnauthenticatedProblem']
          | components['schemas']['InvalidTokenProblem'];
      };
    };
    /** @description [email_taken](/problems/email_taken): Email already registered */
    EmailTaken: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['EmailTakenProblem'];
      };
    };
    /** @description [payload_too_large](/problems/payload_too_large): The request body exceeds 100 KB */
    PayloadTooLarge: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['PayloadTooLargeProblem'];
      };
    };
    /** @description [unsupported_media_type](/problems/unsupported_media_type): The request body must be application/json */
    UnsupportedMediaType: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['UnsupportedMediaTypeProblem'];
      };
    };
    /** @description [invalid_credentials](/problems/invalid_credentials): Invalid email or password */
    InvalidCredentials: {
      headers: {
        'WWW-Authenticate': components['headers']['WWW-Authenticate'];
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['InvalidCredentialsProblem'];
      };
    };
    /** @description [refresh_token_invalid](/problems/refresh_token_invalid): Log in again · [refresh_token_reused](/problems/refresh_token_reused): The token was used before, so its session has been ended. Log in again */
    RefreshTokenInvalidOrRefreshTokenReused: {
      headers: {
        'WWW-Authenticate': components['headers']['WWW-Authenticate'];
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json':
          | components['schemas']['RefreshTokenInvalidProblem']
          | components['schemas']['RefreshTokenReusedProblem'];
      };
    };
    /** @description [invalid_credentials](/problems/invalid_credentials): Invalid email or password · [unauthenticated](/problems/unauthenticated): A bearer token is required · [invalid_token](/problems/invalid_token): Could not validate credentials */
    InvalidCredentialsOrInvalidTokenOrUnauthenticated: {
      headers: {
        'WWW-Authenticate': components['headers']['WWW-Authenticate'];
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json':
          | components['schemas']['InvalidCredentialsProblem']
          | components['schemas']['UnauthenticatedProblem']
          | components['schemas']['InvalidTokenProblem'];
      };
    };
    /** @description [session_not_found](/problems/session_not_found): Session not found */
    SessionNotFound: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['SessionNotFoundProblem'];
      };
    };
    /** @description [idempotency_in_progress](/problems/idempotency_in_progress): A request with the same idempotency key is in progress · [open_orders_limit_reached](/problems/open_orders_limit_reached): You have reached the limit of 10000 pending and processing orders · [reference_taken](/problems/reference_taken): Another of your orders has this reference */
    IdempotencyInProgressOrOpenOrdersLimitReachedOrReferenceTaken: {
      headers: {
        /** @description How many seconds to wait before the next attempt (RFC 9110, section 10.2.3). */
        'Retry-After'?: number;
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json':
          | components['schemas']['IdempotencyInProgressProblem']
          | components['schemas']['OpenOrdersLimitReachedProblem']
          | components['schemas']['ReferenceTakenProblem'];
      };
    };
    /** @description [idempotency_key_reused](/problems/idempotency_key_reused): The idempotency key was used for a request with another body */
    IdempotencyKeyReused: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['IdempotencyKeyReusedProblem'];
      };
    };
    /** @description [order_not_found](/problems/order_not_found): Order not found */
    OrderNotFound: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['OrderNotFoundProblem'];
      };
    };
    /** @description [precondition_failed](/problems/precondition_failed): If-Match does not name the current state */
    PreconditionFailed: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['PreconditionFailedProblem'];
      };
    };
    /** @description [idempotency_in_progress](/problems/idempotency_in_progress): A request with the same idempotency key is in progress · [order_not_cancellable](/problems/order_not_cancellable): Only a pending order can be cancelled */
    IdempotencyInProgressOrOrderNotCancellable: {
      headers: {
        /** @description How many seconds to wait before the next attempt (RFC 9110, section 10.2.3). */
        'Retry-After'?: number;
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json':
          | components['schemas']['IdempotencyInProgressProblem']
          | components['schemas']['OrderNotCancellableProblem'];
      };
    };
    /** @description [forbidden](/problems/forbidden): Your role does not allow this */
    Forbidden: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ForbiddenProblem'];
      };
    };
    /** @description [idempotency_in_progress](/problems/idempotency_in_progress): A request with the same idempotency key is in progress · [order_not_retryable](/problems/order_not_retryable): Only a failed order can be retried */
    IdempotencyInProgressOrOrderNotRetryable: {
      headers: {
        /** @description How many seconds to wait before the next attempt (RFC 9110, section 10.2.3). */
        'Retry-After'?: number;
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json':
          | components['schemas']['IdempotencyInProgressProblem']
          | components['schemas']['OrderNotRetryableProblem'];
      };
    };
    /** @description [processing_disabled](/problems/processing_disabled): This instance does not process orders */
    ProcessingDisabled: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ProcessingDisabledProblem'];
      };
    };
    /** @description [position_expired](/problems/position_expired): Events after this position were deleted */
    PositionExpired: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['PositionExpiredProblem'];
      };
    };
    /** @description [webhook_limit_reached](/problems/webhook_limit_reached): You have reached the limit of 5 webhooks */
    WebhookLimitReached: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['WebhookLimitReachedProblem'];
      };
    };
    /** @description [webhook_url_forbidden](/problems/webhook_url_forbidden): Webhooks may not be sent to this URL */
    WebhookUrlForbidden: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['WebhookUrlForbiddenProblem'];
      };
    };
    /** @description [webhook_not_found](/problems/webhook_not_found): Webhook not found */
    WebhookNotFound: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['WebhookNotFoundProblem'];
      };
    };
    /** @description [webhook_secret_unreadable](/problems/webhook_secret_unreadable): The secret is lost: rotate it first */
    WebhookSecretUnreadable: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['WebhookSecretUnreadableProblem'];
      };
    };
    /** @description [event_not_found](/problems/event_not_found): Event not found · [webhook_not_found](/problems/webhook_not_found): Webhook not found */
    EventNotFoundOrWebhookNotFound: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json':
          | components['schemas']['EventNotFoundProblem']
          | components['schemas']['WebhookNotFoundProblem'];
      };
    };
    /** @description [webhook_not_enabled](/problems/webhook_not_enabled): The webhook is not enabled */
    WebhookNotEnabled: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['WebhookNotEnabledProblem'];
      };
    };
    /** @description [problem_not_found](/problems/problem_not_found): No problem has this code */
    ProblemNotFound: {
      headers: {
        'X-Request-Id': components['headers']['X-Request-Id'];
        'RateLimit-Policy': components['headers']['RateLimit-Policy'];
        RateLimit: components['headers']['RateLimit'];
        [name: string]: unknown;
      };
      content: {
        'application/problem+json': components['schemas']['ProblemNotFoundProblem'];
      };
    };
  };
  parameters: never;
  requestBodies: never;
  headers: {
    /** @description Identifies the request in the server log. */
    'X-Request-Id': string;
    /** @description How to authenticate (RFC 6750). */
    'WWW-Authenticate': string;
    /** @description How many seconds to wait before the next attempt (RFC 9110, section 10.2.3). */
    'Retry-After': number;
    /** @description The limits that apply: `q` requests in `w` seconds. `guesses` limits failed attempts. */
    'RateLimit-Policy': string;
    /** @description What remains of each limit: `r` requests in the next `t` seconds. With 429, `r=0` marks the exceeded limit. */
    RateLimit: string;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  getCurrentUser: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['User'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  register: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RegisterRequest'];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['User'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      409: components['responses']['EmailTaken'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  login: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['LoginRequest'];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Tokens'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      401: components['responses']['InvalidCredentials'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  refreshTokens: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RefreshRequest'];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Tokens'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      401: components['responses']['RefreshTokenInvalidOrRefreshTokenReused'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  changePassword: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ChangePasswordRequest'];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Tokens'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      401: components['responses']['InvalidCredentialsOrInvalidTokenOrUnauthenticated'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  listSessions: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SessionList'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  endAllSessions: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description No Content */
      204: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  logout: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description No Content */
      204: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  endSession: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the session. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description No Content */
      204: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      404: components['responses']['SessionNotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  listOrders: {
    parameters: {
      query?: {
        /** @description The maximum number of entries. */
        limit?: number;
        /**
         * @description One status, or several: repeat the parameter, or separate the values by commas. At most 100 values
         *     are accepted. Duplicates are removed.
         */
        status?: components['schemas']['OrderStatus'][];
        /** @description Orders that were placed at this instant (RFC 3339) or later. */
        created_from?: string;
        /** @description Orders that were placed before this instant (RFC 3339). */
        created_to?: string;
        /** @description Orders with exactly this reference. */
        reference?: string;
        /**
         * @description Orders that have this value under this key of their metadata: `metadata[channel]=web`. One key is
         *     accepted.
         */
        metadata?: {
          [key: string]: string;
        };
        /** @description The `next_cursor` of the previous page; omit it for the first page. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          /** @description Links to the next page (RFC 8288); absent on the last page. */
          Link?: string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OrderPage'];
        };
      };
      /** @description [invalid_cursor](/problems/invalid_cursor): The cursor does not belong to this list · [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['InvalidCursorProblem']
            | components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  placeOrder: {
    parameters: {
      query?: never;
      header?: {
        /** @description Chosen by the client. Within 24 hours, a request with the same key and body is performed at most once, and each repetition returns the first response. A key belongs to one path, and may be written as a string of structured fields: `"k"` is the same key as `k`. */
        'Idempotency-Key'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PlaceOrderRequest'];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          /** @description The URL of the order. */
          Location: string;
          /** @description Identifies this state of the resource (RFC 9110, section 8.8.3). */
          ETag: string;
          /** @description Present when this is the response to an earlier request with the same key. */
          'Idempotent-Replayed'?: 'true';
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Order'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      409: components['responses']['IdempotencyInProgressOrOpenOrdersLimitReachedOrReferenceTaken'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      422: components['responses']['IdempotencyKeyReused'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  exportOrders: {
    parameters: {
      query?: {
        /**
         * @description One status, or several: repeat the parameter, or separate the values by commas. At most 100 values
         *     are accepted. Duplicates are removed.
         */
        status?: components['schemas']['OrderStatus'][];
        /** @description Orders that were placed at this instant (RFC 3339) or later. */
        created_from?: string;
        /** @description Orders that were placed before this instant (RFC 3339). */
        created_to?: string;
        /** @description Orders with exactly this reference. */
        reference?: string;
        /**
         * @description Orders that have this value under this key of their metadata: `metadata[channel]=web`. One key is
         *     accepted.
         */
        metadata?: {
          [key: string]: string;
        };
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The orders, after a header with the names of the fields (RFC 4180). */
      200: {
        headers: {
          /** @description The file name (RFC 6266). */
          'Content-Disposition': string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example id,user_id,product_name,amount,status,created_at,updated_at,cancelled_at,cancel_reason,completed_at,attempts,failure_reason,reference,metadata,next_attempt_at
           *     1,1,Laptop,999.99,cancelled,2026-01-31T12:00:00.000Z,2026-01-31T12:01:00.000Z,2026-01-31T12:01:00.000Z,Ordered twice,,0,,A-1001,"{""channel"":""web""}",
           */
          'text/csv': string;
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  getOrder: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the state that the client has: the response is 304 while that is current. A weak tag, a tag without quotes, and a tag with the suffix of a compressing proxy (`-gzip`) are compared as the tag itself. */
        'If-None-Match'?: string;
      };
      path: {
        /** @description The id of the order. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          /** @description Identifies this state of the resource (RFC 9110, section 8.8.3). */
          ETag: string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Order'];
        };
      };
      /** @description Not Modified */
      304: {
        headers: {
          /** @description Identifies this state of the resource (RFC 9110, section 8.8.3). */
          ETag: string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      404: components['responses']['OrderNotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  patchOrder: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the state that the client has read, or a list of at most 100: the response is 412 when none of them is current. A weak tag, a tag without quotes, and a tag with the suffix of a compressing proxy (`-gzip`) are compared as the tag itself. */
        'If-Match'?: string;
      };
      path: {
        /** @description The id of the order. */
        id: number;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PatchOrderRequest'];
        'application/merge-patch+json': components['schemas']['PatchOrderRequest'];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          /** @description Identifies this state of the resource (RFC 9110, section 8.8.3). */
          ETag: string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Order'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      404: components['responses']['OrderNotFound'];
      412: components['responses']['PreconditionFailed'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  cancelOrder: {
    parameters: {
      query?: never;
      header?: {
        /** @description Chosen by the client. Within 24 hours, a request with the same key and body is performed at most once, and each repetition returns the first response. A key belongs to one path, and may be written as a string of structured fields: `"k"` is the same key as `k`. */
        'Idempotency-Key'?: string;
        /** @description The `ETag` of the state that the client has read, or a list of at most 100: the response is 412 when none of them is current. A weak tag, a tag without quotes, and a tag with the suffix of a compressing proxy (`-gzip`) are compared as the tag itself. */
        'If-Match'?: string;
      };
      path: {
        /** @description The id of the order. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['CancelOrderRequest'];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          /** @description Identifies this state of the resource (RFC 9110, section 8.8.3). */
          ETag: string;
          /** @description Present when this is the response to an earlier request with the same key. */
          'Idempotent-Replayed'?: 'true';
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": 1,
           *       "user_id": 1,
           *       "product_name": "Laptop",
           *       "amount": 999.99,
           *       "status": "cancelled",
           *       "allowed_actions": [],
           *       "created_at": "2026-01-31T12:00:00.000Z",
           *       "updated_at": "2026-01-31T12:01:00.000Z",
           *       "cancelled_at": "2026-01-31T12:01:00.000Z",
           *       "cancel_reason": "Ordered twice",
           *       "completed_at": null,
           *       "attempts": 0,
           *       "failure_reason": null,
           *       "reference": "A-1001",
           *       "metadata": {
           *         "channel": "web"
           *       },
           *       "next_attempt_at": null
           *     }
           */
          'application/json': components['schemas']['Order'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      404: components['responses']['OrderNotFound'];
      409: components['responses']['IdempotencyInProgressOrOrderNotCancellable'];
      412: components['responses']['PreconditionFailed'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      422: components['responses']['IdempotencyKeyReused'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  getOrderHistory: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the order. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OrderHistory'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      404: components['responses']['OrderNotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminListOrders: {
    parameters: {
      query?: {
        /** @description The maximum number of entries. */
        limit?: number;
        /**
         * @description One status, or several: repeat the parameter, or separate the values by commas. At most 100 values
         *     are accepted. Duplicates are removed.
         */
        status?: components['schemas']['OrderStatus'][];
        /** @description Orders that were placed at this instant (RFC 3339) or later. */
        created_from?: string;
        /** @description Orders that were placed before this instant (RFC 3339). */
        created_to?: string;
        /** @description Orders with exactly this reference. */
        reference?: string;
        /**
         * @description Orders that have this value under this key of their metadata: `metadata[channel]=web`. One key is
         *     accepted.
         */
        metadata?: {
          [key: string]: string;
        };
        /** @description Orders of this user. */
        user_id?: number;
        /** @description The `next_cursor` of the previous page; omit it for the first page. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          /** @description Links to the next page (RFC 8288); absent on the last page. */
          Link?: string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AdminOrderPage'];
        };
      };
      /** @description [invalid_cursor](/problems/invalid_cursor): The cursor does not belong to this list · [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['InvalidCursorProblem']
            | components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminExportOrders: {
    parameters: {
      query?: {
        /**
         * @description One status, or several: repeat the parameter, or separate the values by commas. At most 100 values
         *     are accepted. Duplicates are removed.
         */
        status?: components['schemas']['OrderStatus'][];
        /** @description Orders that were placed at this instant (RFC 3339) or later. */
        created_from?: string;
        /** @description Orders that were placed before this instant (RFC 3339). */
        created_to?: string;
        /** @description Orders with exactly this reference. */
        reference?: string;
        /**
         * @description Orders that have this value under this key of their metadata: `metadata[channel]=web`. One key is
         *     accepted.
         */
        metadata?: {
          [key: string]: string;
        };
        /** @description Orders of this user. */
        user_id?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The orders, after a header with the names of the fields (RFC 4180). */
      200: {
        headers: {
          /** @description The file name (RFC 6266). */
          'Content-Disposition': string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example id,user_id,product_name,amount,status,created_at,updated_at,cancelled_at,cancel_reason,completed_at,attempts,failure_reason,reference,metadata,next_attempt_at,lease_expires_at
           *     1,1,Laptop,999.99,cancelled,2026-01-31T12:00:00.000Z,2026-01-31T12:01:00.000Z,2026-01-31T12:01:00.000Z,Out of stock,,0,,A-1001,"{""channel"":""web""}",,
           */
          'text/csv': string;
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminGetOrderStats: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OrderStats'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminGetOrder: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the state that the client has: the response is 304 while that is current. A weak tag, a tag without quotes, and a tag with the suffix of a compressing proxy (`-gzip`) are compared as the tag itself. */
        'If-None-Match'?: string;
      };
      path: {
        /** @description The id of the order. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          /** @description Identifies this state of the resource (RFC 9110, section 8.8.3). */
          ETag: string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AdminOrder'];
        };
      };
      /** @description Not Modified */
      304: {
        headers: {
          /** @description Identifies this state of the resource (RFC 9110, section 8.8.3). */
          ETag: string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      404: components['responses']['OrderNotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminGetOrderHistory: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the order. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['OrderHistory'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      404: components['responses']['OrderNotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminCancelOrder: {
    parameters: {
      query?: never;
      header?: {
        /** @description Chosen by the client. Within 24 hours, a request with the same key and body is performed at most once, and each repetition returns the first response. A key belongs to one path, and may be written as a string of structured fields: `"k"` is the same key as `k`. */
        'Idempotency-Key'?: string;
      };
      path: {
        /** @description The id of the order. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: {
      content: {
        'application/json': components['schemas']['CancelOrderRequest'];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          /** @description Identifies this state of the resource (RFC 9110, section 8.8.3). */
          ETag: string;
          /** @description Present when this is the response to an earlier request with the same key. */
          'Idempotent-Replayed'?: 'true';
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example {
           *       "id": 1,
           *       "user_id": 1,
           *       "product_name": "Laptop",
           *       "amount": 999.99,
           *       "status": "cancelled",
           *       "allowed_actions": [],
           *       "created_at": "2026-01-31T12:00:00.000Z",
           *       "updated_at": "2026-01-31T12:01:00.000Z",
           *       "cancelled_at": "2026-01-31T12:01:00.000Z",
           *       "cancel_reason": "Out of stock",
           *       "completed_at": null,
           *       "attempts": 0,
           *       "failure_reason": null,
           *       "reference": "A-1001",
           *       "metadata": {
           *         "channel": "web"
           *       },
           *       "next_attempt_at": null,
           *       "lease_expires_at": null
           *     }
           */
          'application/json': components['schemas']['AdminOrder'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      404: components['responses']['OrderNotFound'];
      409: components['responses']['IdempotencyInProgressOrOrderNotCancellable'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      422: components['responses']['IdempotencyKeyReused'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminRetryOrder: {
    parameters: {
      query?: never;
      header?: {
        /** @description Chosen by the client. Within 24 hours, a request with the same key and body is performed at most once, and each repetition returns the first response. A key belongs to one path, and may be written as a string of structured fields: `"k"` is the same key as `k`. */
        'Idempotency-Key'?: string;
      };
      path: {
        /** @description The id of the order. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Accepted */
      202: {
        headers: {
          /** @description Identifies this state of the resource (RFC 9110, section 8.8.3). */
          ETag: string;
          /** @description Present when this is the response to an earlier request with the same key. */
          'Idempotent-Replayed'?: 'true';
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['AdminOrder'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      404: components['responses']['OrderNotFound'];
      409: components['responses']['IdempotencyInProgressOrOrderNotRetryable'];
      422: components['responses']['IdempotencyKeyReused'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminRetryOrders: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['RetryOrdersRequest'];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BulkResult'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminCancelOrders: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CancelOrdersRequest'];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['BulkResult'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  getProcessing: {
    parameters: {
      query?: never;
      header?: {
        /** @description The `ETag` of the state that the client has: the response is 304 while that is current. A weak tag, a tag without quotes, and a tag with the suffix of a compressing proxy (`-gzip`) are compared as the tag itself. */
        'If-None-Match'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          /** @description Identifies this state of the resource (RFC 9110, section 8.8.3). */
          ETag: string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ProcessingStatus'];
        };
      };
      /** @description Not Modified */
      304: {
        headers: {
          /** @description Identifies this state of the resource (RFC 9110, section 8.8.3). */
          ETag: string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  wakeProcessor: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Accepted */
      202: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ProcessingRun'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      409: components['responses']['ProcessingDisabled'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  pauseProcessing: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description No Content */
      204: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  resumeProcessing: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description No Content */
      204: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  listEvents: {
    parameters: {
      query?: {
        /**
         * @description A position: events after it are returned. By default, the feed begins with the oldest event, and a stream with what
         *     happens from now on. It must not be above the latest position.
         */
        after?: number;
        /** @description The maximum number of events. */
        limit?: number;
        /**
         * @description One type, or several: repeat the parameter, or separate the values by commas. At most 100 values are
         *     accepted. Duplicates are removed.
         */
        type?: components['schemas']['EventType'][];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EventPage'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      410: components['responses']['PositionExpired'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  streamEvents: {
    parameters: {
      query?: {
        /**
         * @description A position: events after it are returned. By default, the feed begins with the oldest event, and a stream with what
         *     happens from now on. It must not be above the latest position.
         */
        after?: number;
      };
      header?: {
        /** @description The `id` of the last event that was received. Clients send it when they reconnect. It must not be above the latest position. */
        'Last-Event-ID'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Server-Sent Events, with a comment every 15 seconds. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example retry: 3217
           *     id: 41
           *
           *     id: 42
           *     event: order.created
           *     data: {"id":"evt_7_1","type":"order.created","timestamp":"2026-01-31T12:00:00.000Z","position":42,"data":{"order_id":7,"user_id":1,"sequence":1,"from":null,"to":"pending","actor":{"type":"user","id":1},"reason":null,"product_name":"Laptop","amount":999.99,"reference":"A-1001"}}
           */
          'text/event-stream': string;
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      410: components['responses']['PositionExpired'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminListEvents: {
    parameters: {
      query?: {
        /**
         * @description A position: events after it are returned. By default, the feed begins with the oldest event, and a stream with what
         *     happens from now on. It must not be above the latest position.
         */
        after?: number;
        /** @description The maximum number of events. */
        limit?: number;
        /**
         * @description One type, or several: repeat the parameter, or separate the values by commas. At most 100 values are
         *     accepted. Duplicates are removed.
         */
        type?: components['schemas']['EventType'][];
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EventPage'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      410: components['responses']['PositionExpired'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminStreamEvents: {
    parameters: {
      query?: {
        /**
         * @description A position: events after it are returned. By default, the feed begins with the oldest event, and a stream with what
         *     happens from now on. It must not be above the latest position.
         */
        after?: number;
      };
      header?: {
        /** @description The `id` of the last event that was received. Clients send it when they reconnect. It must not be above the latest position. */
        'Last-Event-ID'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Server-Sent Events, with a comment every 15 seconds. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          /**
           * @example retry: 3217
           *     id: 41
           *
           *     id: 42
           *     event: order.created
           *     data: {"id":"evt_7_1","type":"order.created","timestamp":"2026-01-31T12:00:00.000Z","position":42,"data":{"order_id":7,"user_id":1,"sequence":1,"from":null,"to":"pending","actor":{"type":"user","id":1},"reason":null,"product_name":"Laptop","amount":999.99,"reference":"A-1001"}}
           */
          'text/event-stream': string;
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      410: components['responses']['PositionExpired'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  listWebhooks: {
    parameters: {
      query?: {
        /** @description The maximum number of entries. */
        limit?: number;
        /** @description The `next_cursor` of the previous page; omit it for the first page. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          /** @description Links to the next page (RFC 8288); absent on the last page. */
          Link?: string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookList'];
        };
      };
      /** @description [invalid_cursor](/problems/invalid_cursor): The cursor does not belong to this list · [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['InvalidCursorProblem']
            | components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  createWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateWebhookRequest'];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookWithSecret'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      409: components['responses']['WebhookLimitReached'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      422: components['responses']['WebhookUrlForbidden'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  getWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Webhook'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      404: components['responses']['WebhookNotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  deleteWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description No Content */
      204: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      404: components['responses']['WebhookNotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  updateWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['UpdateWebhookRequest'];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Webhook'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      404: components['responses']['WebhookNotFound'];
      409: components['responses']['WebhookSecretUnreadable'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      422: components['responses']['WebhookUrlForbidden'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  rotateWebhookSecret: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookWithSecret'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      404: components['responses']['WebhookNotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  testWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookTest'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      404: components['responses']['WebhookNotFound'];
      409: components['responses']['WebhookSecretUnreadable'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  replayWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ReplayRequest'];
      };
    };
    responses: {
      /** @description Accepted */
      202: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Webhook'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      404: components['responses']['WebhookNotFound'];
      410: components['responses']['PositionExpired'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  listWebhookDeliveries: {
    parameters: {
      query?: {
        /** @description The maximum number of entries. */
        limit?: number;
        /** @description The `next_cursor` of the previous page; omit it for the first page. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          /** @description Links to the next page (RFC 8288); absent on the last page. */
          Link?: string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DeliveryPage'];
        };
      };
      /** @description [invalid_cursor](/problems/invalid_cursor): The cursor does not belong to this list · [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['InvalidCursorProblem']
            | components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      404: components['responses']['WebhookNotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  redeliverWebhookEvent: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
        /** @description The id of the event. */
        event_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Accepted */
      202: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Delivery'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      404: components['responses']['EventNotFoundOrWebhookNotFound'];
      409: components['responses']['WebhookNotEnabled'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminListWebhooks: {
    parameters: {
      query?: {
        /** @description The maximum number of entries. */
        limit?: number;
        /** @description The `next_cursor` of the previous page; omit it for the first page. */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          /** @description Links to the next page (RFC 8288); absent on the last page. */
          Link?: string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookList'];
        };
      };
      /** @description [invalid_cursor](/problems/invalid_cursor): The cursor does not belong to this list · [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['InvalidCursorProblem']
            | components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminCreateWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['CreateWebhookRequest'];
      };
    };
    responses: {
      /** @description Created */
      201: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookWithSecret'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      409: components['responses']['WebhookLimitReached'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      422: components['responses']['WebhookUrlForbidden'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminGetWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Webhook'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      404: components['responses']['WebhookNotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminDeleteWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description No Content */
      204: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      404: components['responses']['WebhookNotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminUpdateWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['UpdateWebhookRequest'];
      };
    };
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Webhook'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      404: components['responses']['WebhookNotFound'];
      409: components['responses']['WebhookSecretUnreadable'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      422: components['responses']['WebhookUrlForbidden'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminRotateWebhookSecret: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookWithSecret'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      404: components['responses']['WebhookNotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminTestWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['WebhookTest'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      404: components['responses']['WebhookNotFound'];
      409: components['responses']['WebhookSecretUnreadable'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminReplayWebhook: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['ReplayRequest'];
      };
    };
    responses: {
      /** @description Accepted */
      202: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Webhook'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields · [malformed_body](/problems/malformed_body): The request body is not valid JSON */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['ValidationFailedProblem']
            | components['schemas']['MalformedBodyProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      404: components['responses']['WebhookNotFound'];
      410: components['responses']['PositionExpired'];
      413: components['responses']['PayloadTooLarge'];
      415: components['responses']['UnsupportedMediaType'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminListWebhookDeliveries: {
    parameters: {
      query?: {
        /** @description The maximum number of entries. */
        limit?: number;
        /** @description The `next_cursor` of the previous page; omit it for the first page. */
        cursor?: string;
      };
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          /** @description Links to the next page (RFC 8288); absent on the last page. */
          Link?: string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DeliveryPage'];
        };
      };
      /** @description [invalid_cursor](/problems/invalid_cursor): The cursor does not belong to this list · [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json':
            | components['schemas']['InvalidCursorProblem']
            | components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      404: components['responses']['WebhookNotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  adminRedeliverWebhookEvent: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The id of the webhook. */
        id: number;
        /** @description The id of the event. */
        event_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Accepted */
      202: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Delivery'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      401: components['responses']['InvalidTokenOrUnauthenticated'];
      403: components['responses']['Forbidden'];
      404: components['responses']['EventNotFoundOrWebhookNotFound'];
      409: components['responses']['WebhookNotEnabled'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  getStatus: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          /** @description Links to the API reference, the OpenAPI document and the readiness probe (RFC 8288, RFC 8631). */
          Link: string;
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ApiStatus'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  checkLiveness: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Health'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  checkReadiness: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description OK */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Health'];
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      /** @description [service_unavailable](/problems/service_unavailable): Try again later */
      503: {
        headers: {
          'Retry-After': components['headers']['Retry-After'];
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ServiceUnavailableProblem'];
        };
      };
    };
  };
  listProblems: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The page. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'text/html': string;
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  explainProblem: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The `code` of a problem document. */
        code: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The page. */
      200: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          [name: string]: unknown;
        };
        content: {
          'text/html': string;
        };
      };
      /** @description [validation_failed](/problems/validation_failed): The request has invalid fields */
      400: {
        headers: {
          'X-Request-Id': components['headers']['X-Request-Id'];
          'RateLimit-Policy': components['headers']['RateLimit-Policy'];
          RateLimit: components['headers']['RateLimit'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['ValidationFailedProblem'];
        };
      };
      404: components['responses']['ProblemNotFound'];
      429: components['responses']['RateLimited'];
      500: components['responses']['InternalError'];
      503: components['responses']['ServiceUnavailable'];
    };
  };
  receiveEvent: {
    parameters: {
      query?: never;
      header: {
        /** @description The `id` in the request body, the same for each attempt. */
        'webhook-id': string;
        /** @description When the attempt was made, in seconds since the epoch. Reject a request whose timestamp differs from your clock by more than five minutes. */
        'webhook-timestamp': string;
        /** @description One signature, or two for 24 hours after a rotation of the secret, separated by a space: `v1,` and the HMAC-SHA256 of `webhook-id.webhook-timestamp.body` in base64. */
        'webhook-signature': string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Event'];
      };
    };
    responses: {
      /** @description The event was received. The response must arrive within 15 seconds. Any other response, also a redirect, is followed by retries; 410 disables the webhook. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
  receiveTestEvent: {
    parameters: {
      query?: never;
      header: {
        /** @description The `id` in the request body, the same for each attempt. */
        'webhook-id': string;
        /** @description When the attempt was made, in seconds since the epoch. Reject a request whose timestamp differs from your clock by more than five minutes. */
        'webhook-timestamp': string;
        /** @description One signature, or two for 24 hours after a rotation of the secret, separated by a space: `v1,` and the HMAC-SHA256 of `webhook-id.webhook-timestamp.body` in base64. */
        'webhook-signature': string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @example test_0b6f7f1e-6d0a-4c1b-9f7e-2a3b4c5d6e7f */
          id: string;
          /**
           * @example webhook.test
           * @enum {string}
           */
          type: 'webhook.test';
          /**
           * Format: date-time
           * @example 2026-01-31T12:00:00.000Z
           */
          timestamp: string;
          data: {
            /**
             * Format: int64
             * @example 1
             */
            webhook_id: number;
          };
        };
      };
    };
    responses: {
      /** @description The test event was received. */
      '2XX': {
        headers: {
          [name: string]: unknown;
        };
        content?: never;
      };
    };
  };
}
