import { DomainError } from '../../src/errors/domain-error';
import type { ProblemCatalogue } from '../../src/errors/problem-catalogue';

/** Explains the error codes of this module. */
export const STOCK_PROBLEMS = {
  product_not_stocked: {
    status: 404,
    meaning: 'No admin has set the stock of this product.',
    remedy: 'Check `product_name`; upper and lower case differ.',
  },
} as const satisfies ProblemCatalogue;

export class ProductNotStockedError extends DomainError {
  constructor() {
    super(404, 'product_not_stocked', 'This product is not kept in stock');
  }
}

/** Internal: the attempt has lost its claim, and its result does not count. */
export class OrderNotProcessingError extends DomainError {
  constructor() {
    super(409, 'order_not_processing', 'The order is not being processed');
  }
}

/** Internal: rolls the reservation back. The step converts it to an outcome. */
export class OutOfStockError extends DomainError {
  constructor() {
    super(409, 'out_of_stock', 'No unit of this product is available');
  }
}
