import { drawStatusGraph } from '../orders/order-status';

/**
 * Introduces the API to readers of the OpenAPI document and of the explorer, in Markdown.
 * @param basePath the path of the API on its server, for links; empty or without a slash at the end
 */
export function describeApi(basePath: string): string {
  return `
Accounts, orders, and a background job that fulfils the orders.

**Try it:** register, log in, press *Authorize* and enter the access token, then place an order. The
examples work as they are.

**For programs:** [openapi.json](${basePath}/openapi.json) describes everything on this page.
[All problems](${basePath}/problems) explains every error.

The statuses of an order, and the transitions from each:

\`\`\`text
${drawStatusGraph()}
\`\`\`

The job claims a pending order, usually within two minutes. It completes the order, postpones it until
the next attempt, or fails it after the last attempt. A shutdown releases claimed orders. The owner
cancels a pending order, and an admin a pending or failed one. An admin retries a failed order.

- **Errors** are problem documents (RFC 9457) with a stable \`code\`. Handle an unknown code by its
  status.
- **Lists** have pages: follow \`Link: <…>; rel="next"\`, or send \`next_cursor\` as \`cursor\`.
- **Retries** are safe: \`POST /orders\` with an \`Idempotency-Key\` places one order, however often it
  is sent. Cancellations and retries of an order accept a key as well.
- **Versions:** \`If-None-Match\` with an \`ETag\` saves a response that has not changed. \`If-Match\`
  cancels an order only in the version that was read.
- **Limits** are reported in \`RateLimit\` headers. Responses with 429 or 503 have a \`Retry-After\`.
`.trim();
}
