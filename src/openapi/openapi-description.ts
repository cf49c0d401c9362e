import { drawStatusGraph } from '../orders/order-status';

/** Introduces the API to readers of the OpenAPI document and the explorer, in Markdown. */
export const DESCRIPTION = `
Accounts, orders, and a background job that fulfils them.

**Try it:** register, log in, press *Authorize* with the access token, then place an order. The
examples work without changes.

**For programs:** [openapi.json](/openapi.json) describes everything on this page.
[All problems](/problems) explains every error.

Each status of an order, and what can happen to it:

\`\`\`text
${drawStatusGraph()}
\`\`\`

The job claims pending orders, usually within two minutes. It completes them, postpones them to
another attempt, or fails them after the last attempt; a shutdown releases them. The owner cancels a
pending order, and an admin retries a failed one.

- **Errors** are problem documents (RFC 9457) with a stable \`code\`. Treat an unknown code by its
  status.
- **Lists** come in pages: follow \`Link: <…>; rel="next"\`, or pass \`next_cursor\` as \`cursor\`.
- **Retries** are safe: \`POST /orders\` with an \`Idempotency-Key\` places one order, however often it
  is sent.
- **Versions:** \`If-None-Match\` with an \`ETag\` saves a response that has not changed, and \`If-Match\`
  cancels an order only in the version that was read.
- **Limits** are reported in \`RateLimit\` headers. Responses with 429 and 503 have a \`Retry-After\`.
`.trim();
