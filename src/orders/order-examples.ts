import type { OrderResponse } from './order.dto';

/** The response to a cancellation, for the OpenAPI document. */
export const CANCELLED_ORDER: OrderResponse = {
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
};
