import { DomainError } from '../../src/common/domain-error';

export class ProductNotStockedError extends DomainError {
  constructor() {
    super('not_found', 'product_not_stocked', 'This product is not kept in stock');
  }
}

/** Never reaches a client: it rolls a reservation back, and the step turns it into an outcome. */
export class OutOfStockError extends DomainError {
  constructor() {
    super('conflict', 'out_of_stock', 'No unit of this product is available');
  }
}
