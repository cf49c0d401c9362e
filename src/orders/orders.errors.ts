import { DomainError } from '../common/domain-error';
import type { OrderStatus } from './order-status';

/** The same for an order that does not exist and for one that belongs to somebody else. */
export class OrderNotFoundError extends DomainError {
  constructor() {
    super('not_found', 'order_not_found', 'Order not found');
  }
}

/** The order has not failed, or not any more. */
export class OrderNotRetryableError extends DomainError {
  constructor(currentStatus: OrderStatus) {
    super('conflict', 'order_not_retryable', 'Only a failed order can be retried', {
      current_status: currentStatus,
    });
  }
}

/** The key stands for another request already. */
export class IdempotencyKeyReusedError extends DomainError {
  constructor() {
    super(
      'unprocessable',
      'idempotency_key_reused',
      'The idempotency key was used for a request with another body',
    );
  }
}

/** The first request with the key is not at its end, and has kept the second one waiting. */
export class IdempotencyInProgressError extends DomainError {
  override readonly retryAfterSeconds = 1;

  constructor(cause?: unknown) {
    super(
      'conflict',
      'idempotency_in_progress',
      'A request with the same idempotency key is in progress',
      {},
      { cause },
    );
  }
}

/** The order is not pending, or not any more. */
export class OrderNotCancellableError extends DomainError {
  constructor(currentStatus: OrderStatus) {
    super('conflict', 'order_not_cancellable', 'Only a pending order can be cancelled', {
      current_status: currentStatus,
    });
  }
}

/** The user has as many pending and processing orders as `MAX_OPEN_ORDERS_PER_USER` allows. */
export class OpenOrdersLimitReachedError extends DomainError {
  /** About when the next run of the job has completed some. */
  override readonly retryAfterSeconds = 60;

  constructor(limit: number) {
    super(
      'conflict',
      'open_orders_limit_reached',
      `You have reached the limit of ${limit} pending and processing orders`,
    );
  }
}
