import { DomainError } from '../../src/errors/domain-error';
import type { ProblemCatalogue } from '../../src/errors/problem-catalogue';

/** Explains the codes that clients of this module can get. */
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

/** Never reaches a client: it rolls a reservation back, and the step turns it into an outcome. */
export class OutOfStockError extends DomainError {
  constructor() {
    super(409, 'out_of_stock', 'No unit of this product is available');
  }
}
