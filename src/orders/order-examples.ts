import { ETAG } from '../api/entity-tags';
import { ValidationFailedError } from '../errors/common.errors';
import { IDEMPOTENT_REPLAYED } from '../idempotency/idempotency-key.decorator';
import type { AdminOrderResponse } from './admin-order.dto';
import { METADATA_EXAMPLE } from './metadata-property.decorator';
import type { OrderResponse } from './order.dto';
import { MAX_REASON_LENGTH } from './order.entity';

// For the OpenAPI document.

/** The headers of responses with an order that a request has changed. */
export const CHANGED_ORDER_HEADERS = { ETag: ETAG, 'Idempotent-Replayed': IDEMPOTENT_REPLAYED };

export const INVALID_REASON = ValidationFailedError.ofField(
  'reason',
  `must be a string of 1 to ${MAX_REASON_LENGTH} printable characters`,
);

/** The response to a cancellation. */
export const CANCELLED_ORDER = {
  id: 1,
  user_id: 1,
  product_name: 'Laptop',
  amount: 999.99,
  status: 'cancelled',
  allowed_actions: [],
  created_at: '2026-01-31T12:00:00.000Z',
  updated_at: '2026-01-31T12:01:00.000Z',
  cancelled_at: '2026-01-31T12:01:00.000Z',
  cancel_reason: 'Ordered twice',
  completed_at: null,
  attempts: 0,
  failure_reason: null,
  reference: 'A-1001',
  metadata: METADATA_EXAMPLE,
  next_attempt_at: null,
} satisfies OrderResponse;

/** The response to a cancellation by an admin. */
export const ADMIN_CANCELLED_ORDER: AdminOrderResponse = {
  ...CANCELLED_ORDER,
  cancel_reason: 'Out of stock',
  lease_expires_at: null,
};
