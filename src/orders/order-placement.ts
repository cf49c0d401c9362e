import { Injectable } from '@nestjs/common';
import type { RouteResult } from '../api/route-result';
import { isForeignKeyViolation } from '../database/database.errors';
import { Transactions } from '../database/transactions';
import { InvalidTokenError } from '../errors/common.errors';
import { IdempotencyKeys } from '../idempotency/idempotency-keys';
import { toMinorUnits } from './money';
import { OpenOrderLimit } from './open-order-limit';
import type { PlaceOrderRequest } from './order-requests.dto';
import { orderResult } from './order-result';
import type { OrderResponse } from './order.dto';
import type { Order } from './order.entity';

/** Performs `POST /orders`: places an order, at most once per idempotency key. */
@Injectable()
export class OrderPlacement {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: IdempotencyKeys,
    private readonly openOrders: OpenOrderLimit,
  ) {}

  /**
   * @throws IdempotencyKeyReusedError, IdempotencyInProgressError, OpenOrdersLimitReachedError
   * @throws InvalidTokenError when the account was deleted while an instance still cached it
   */
  async place(
    userId: number,
    request: PlaceOrderRequest,
    key: string | undefined,
  ): Promise<RouteResult<OrderResponse>> {
    const { product_name: productName, amount } = request;
    const values = { userId, productName, amountMinor: toMinorUnits(amount) };
    try {
      if (key === undefined) return placedResult(await this.openOrders.placeAlone(values));
      const idempotent = { userId, route: 'POST /orders', key, body: request };
      return await this.transactions.run((tx) =>
        this.keys.once(tx, idempotent, async () =>
          placedResult(await this.openOrders.place(tx, values)),
        ),
      );
    } catch (error) {
      throw isForeignKeyViolation(error) ? new InvalidTokenError() : error;
    }
  }
}

function placedResult(order: Order): RouteResult<OrderResponse> {
  return orderResult(order, { status: 201, location: `/orders/${order.id}` });
}
