import { Injectable } from '@nestjs/common';
import type { RouteResult } from '../api/route-result';
import { type Transaction, Transactions } from '../database/transactions';
import { PreconditionFailedError, ServiceUnavailableError } from '../errors/common.errors';
import { IdempotencyKeys } from '../idempotency/idempotency-keys';
import { cancelledColumns } from './changed-columns';
import { orderEtag, stateOf } from './order-etag';
import { type OrderWithMetadata, withMetadata } from './order-metadata-rows';
import type { CancelOrderRequest } from './order-requests.dto';
import { orderResult } from './order-result';
import { TRANSITIONS } from './order-status';
import { OrderTransitions } from './order-transitions';
import type { OrderResponse } from './order.dto';
import { OrderNotCancellableError } from './orders.errors';
import { OrdersService } from './orders.service';

/** Each attempt after the first follows a transition made since the order was read. */
const MAX_ATTEMPTS = 10;

/** Performs `PATCH /orders/{id}/cancel`, at most once per idempotency key. */
@Injectable()
export class OrderCancellation {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: IdempotencyKeys,
    private readonly transitions: OrderTransitions,
    private readonly orders: OrdersService,
  ) {}

  /**
   * A repetition returns the stored response without checking `ifMatch`: the order has changed since.
   * @param seen the order as this request has read it
   * @param ifMatch entity tags, one of which must be that of the order
   * @throws PreconditionFailedError when the order has another entity tag
   * @throws OrderNotCancellableError when the order is not pending
   * @throws IdempotencyKeyReusedError, IdempotencyInProgressError
   */
  cancel(
    seen: OrderWithMetadata,
    { reason = null }: CancelOrderRequest,
    ifMatch?: ReadonlySet<string>,
    key?: string,
  ): Promise<RouteResult<OrderResponse>> {
    const { id, userId } = seen;
    const request = { userId, route: `PATCH /orders/${id}/cancel`, key, body: { reason } };
    return this.transactions.run((tx) =>
      this.keys.once(tx, request, async () =>
        orderResult(await this.cancelIn(tx, seen, reason, ifMatch)),
      ),
    );
  }

  private async cancelIn(
    tx: Transaction,
    seen: OrderWithMetadata,
    reason: string | null,
    ifMatch: ReadonlySet<string> | undefined,
  ): Promise<OrderWithMetadata> {
    const { id, userId } = seen;
    let order = seen;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { status } = order;
      if (ifMatch && !ifMatch.has(orderEtag(order))) throw new PreconditionFailedError();
      if (status !== TRANSITIONS.cancel.from) throw new OrderNotCancellableError(status);
      // The statement checks the tag again: the order may have changed since it was read.
      const expected = { id, userId, ...(ifMatch && stateOf(order)) };
      const [cancelled] = await this.transitions.apply(tx, 'cancel', {
        actorId: userId,
        reason,
        set: cancelledColumns(reason),
        where: (update) => update.andWhere(expected),
      });
      if (cancelled) return withMetadata(tx.manager, cancelled);
      order = await this.orders.getOwn(id, userId, tx.manager);
    }
    throw new ServiceUnavailableError(1);
  }
}
