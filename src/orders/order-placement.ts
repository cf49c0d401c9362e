import { Injectable } from '@nestjs/common';
import type { Answer } from './answer';
import { IdempotencyKeys, fingerprintOf } from '../idempotency/idempotency-keys';
import { orderEtag } from './order-etag';
import type { CreateOrderRequest } from './order-requests.dto';
import { type OrderResponse, toOrderResponse } from './order.dto';
import type { Order } from './order.entity';
import { OrdersService } from './orders.service';

/** Answers requests for new orders, at most once per idempotency key. */
@Injectable()
export class OrderPlacement {
  constructor(
    private readonly orders: OrdersService,
    private readonly keys: IdempotencyKeys,
  ) {}

  /** @throws IdempotencyKeyReusedError, IdempotencyInProgressError */
  async place(
    userId: number,
    request: CreateOrderRequest,
    key: string | undefined,
  ): Promise<Answer<OrderResponse>> {
    if (key === undefined) return toAnswer(await this.orders.create(userId, request));
    const fingerprint = fingerprintOf(request);
    return this.keys.once({ userId, route: 'POST /orders', key, fingerprint }, async (record) =>
      toAnswer(
        await this.orders.create(userId, request, (manager, order) =>
          record(manager, toAnswer(order)),
        ),
      ),
    );
  }
}

function toAnswer(order: Order): Answer<OrderResponse> {
  return {
    status: 201,
    location: `/orders/${order.id}`,
    etag: orderEtag(order),
    body: toOrderResponse(order),
    isReplayed: false,
  };
}
