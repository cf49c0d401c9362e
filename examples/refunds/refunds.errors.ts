import { DomainError } from '../../src/errors/domain-error';
import type { ProblemCatalogue } from '../../src/errors/problem-catalogue';

export const REFUND_PROBLEMS = {
  order_not_refundable: {
    status: 409,
    meaning: 'The order is not pending.',
    remedy: 'Nothing: only a pending order can be refunded.',
  },
} as const satisfies ProblemCatalogue;

export class OrderNotRefundableError extends DomainError {
  constructor() {
    super(409, 'order_not_refundable', 'Only a pending order can be refunded');
  }
}
