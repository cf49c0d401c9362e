/**
 * The indexes by which the queue is read. On SQLite, statements name the one that they need, because
 * its planner would choose another one.
 */
export const QUEUE_INDEXES = {
  statusCreatedAt: 'orders_status_created_at_idx',
  turn: 'orders_turn_idx',
  withoutTurn: 'orders_without_turn_idx',
  alone: 'orders_alone_idx',
} as const;
