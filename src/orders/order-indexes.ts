/** The indexes by which the queue is read. On SQLite, statements name the one that they need (`indexedBy`). */
export const QUEUE_INDEXES = {
  statusCreatedAt: 'orders_status_created_at_idx',
  turn: 'orders_turn_idx',
  withoutTurn: 'orders_without_turn_idx',
  alone: 'orders_alone_idx',
} as const;

/** The index of the entries of the history that have no position yet, by time. */
export const UNNUMBERED_INDEX = 'order_history_unnumbered_idx';
