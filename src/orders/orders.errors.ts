import { DomainError } from '../common/domain-error';
import type { OrderStatus } from './order-status';

/** The same for an order that does not exist and for one that belongs to somebody else. */
export class OrderNotFoundError extends DomainError {
  constructor() {
    super('not_found', 'order_not_found', 'Order not found');
  }
}

export class OrderNotRetryableError extends DomainError {
  constructor(currentStatus: OrderStatus) {
    super('conflict', 'order_not_retryable', 'Only a failed order can be retried', {
      current_status: currentStatus,
    });
  }
}

export class OrderNotCancellableError extends DomainError {
  constructor(currentStatus: OrderStatus) {
    super('conflict', 'order_not_cancellable', 'Only a pending order can be cancelled', {
      current_status: currentStatus,
    });
  }
}
