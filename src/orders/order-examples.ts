import type { OrderResponse } from './order.dto';

const PENDING: OrderResponse = {
  id: 1,
  user_id: 1,
  product_name: 'Laptop',
  amount: 999.99,
  status: 'pending',
  allowed_actions: ['cancel'],
  created_at: '2026-01-31T12:00:00.000Z',
  updated_at: '2026-01-31T12:00:00.000Z',
  cancelled_at: null,
  cancel_reason: null,
  completed_at: null,
  attempts: 0,
  failure_reason: null,
};

/** What a cancellation responds with, for the OpenAPI document. */
export const CANCELLED_ORDER: OrderResponse = {
  ...PENDING,
  status: 'cancelled',
  allowed_actions: [],
  updated_at: '2026-01-31T12:01:00.000Z',
  cancelled_at: '2026-01-31T12:01:00.000Z',
  cancel_reason: 'Ordered twice',
};
