import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { RouteResult } from '../api/route-result';
import { isForeignKeyViolation, isUniqueViolation } from '../database/database.errors';
import { namedQuery } from '../database/named-query';
import { Transactions } from '../database/transactions';
import { InvalidTokenError, ServiceUnavailableError } from '../errors/common.errors';
import { IdempotencyKeys } from '../idempotency/idempotency-keys';
import { toMinorUnits } from './money';
import { OpenOrderLimit } from './open-order-limit';
import type { PlaceOrderRequest } from './order-requests.dto';
import { orderResult } from './order-result';
import type { NewOrder } from './order-transitions';
import type { OrderResponse } from './order.dto';
import type { Order } from './order.entity';
import { OpenOrdersLimitReachedError, ReferenceTakenError } from './orders.errors';

/** Performs `POST /orders`: places an order, at most once per idempotency key. */
@Injectable()
export class OrderPlacement {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: IdempotencyKeys,
    private readonly openOrders: OpenOrderLimit,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * @throws IdempotencyKeyReusedError, IdempotencyInProgressError, OpenOrdersLimitReachedError
   * @throws ReferenceTakenError also when the user has reached the limit
   * @throws InvalidTokenError when the account was deleted while an instance still cached it
   */
  async place(
    userId: number,
    request: PlaceOrderRequest,
    key: string | undefined,
  ): Promise<RouteResult<OrderResponse>> {
    const { product_name: productName, amount, reference, metadata } = request;
    const values = {
      userId,
      productName,
      amountMinor: toMinorUnits(amount),
      reference: reference ?? undefined,
      metadata: metadata ?? undefined,
    };
    try {
      if (key === undefined) return placedResult(await this.openOrders.placeAlone(values), values);
      const idempotent = { userId, route: 'POST /orders', key, body: request };
      return await this.transactions.run((tx) =>
        this.keys.once(tx, idempotent, async () =>
          placedResult(await this.openOrders.place(tx, values), values),
        ),
      );
    } catch (error) {
      if (isForeignKeyViolation(error)) throw new InvalidTokenError();
      throw await this.explain(error, values);
    }
  }

  /** The index on the reference has decided already: this only finds the order that has it. */
  private async explain(error: unknown, { userId, reference }: NewOrder): Promise<unknown> {
    const isTaken = isUniqueViolation(error);
    if (reference === undefined) return error;
    if (!isTaken && !(error instanceof OpenOrdersLimitReachedError)) return error;
    const [order] = await namedQuery<{ id: number }>(
      this.dataSource.manager,
      'SELECT id FROM orders WHERE user_id = :userId AND reference = :reference',
      { userId, reference },
    );
    if (order) return new ReferenceTakenError(order.id);
    // It was deleted in the meantime.
    return isTaken ? new ServiceUnavailableError(1, error) : error;
  }
}

function placedResult(order: Order, { metadata }: NewOrder): RouteResult<OrderResponse> {
  const metadataJson = metadata ? JSON.stringify(metadata) : null;
  const placed = Object.assign(order, { metadataJson });
  return orderResult(placed, { status: 201, location: `/orders/${order.id}` });
}
