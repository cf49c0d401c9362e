import { DomainError } from '../errors/domain-error';
import type { OrderStatus } from './order-status';

/** The order does not exist or belongs to another user: clients cannot tell which. */
export class OrderNotFoundError extends DomainError {
  constructor() {
    super(404, 'order_not_found', 'Order not found');
  }
}

/** The order is not in the status `failed`. */
export class OrderNotRetryableError extends DomainError {
  constructor(currentStatus: OrderStatus) {
    super(409, 'order_not_retryable', 'Only a failed order can be retried', {
      current_status: currentStatus,
    });
  }
}

/** The order is not in the status `pending`; for admins, nor in the status `failed`. */
export class OrderNotCancellableError extends DomainError {
  constructor(currentStatus: OrderStatus, isForAdmin = false) {
    const cancellable = isForAdmin ? 'a pending or failed' : 'a pending';
    super(409, 'order_not_cancellable', `Only ${cancellable} order can be cancelled`, {
      current_status: currentStatus,
    });
  }
}

/** Another order of the user has the reference. */
export class ReferenceTakenError extends DomainError {
  /** @param orderId the order that has it */
  constructor(orderId: number) {
    super(409, 'reference_taken', 'Another of your orders has this reference', {
      order_id: orderId,
    });
  }
}

/** The user has as many pending and processing orders as `MAX_OPEN_ORDERS_PER_USER` allows. */
export class OpenOrdersLimitReachedError extends DomainError {
  /** By then the next run of the job has usually completed some orders. */
  override readonly retryAfterSeconds = 60;

  constructor(limit: number) {
    super(
      409,
      'open_orders_limit_reached',
      `You have reached the limit of ${limit} pending and processing orders`,
    );
  }
}
