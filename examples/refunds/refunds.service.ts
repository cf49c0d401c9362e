import { Injectable } from '@nestjs/common';
import { RouteResult } from '../../src/api/route-result';
import { databaseTime } from '../../src/database/database-time';
import { insertReturning } from '../../src/database/returning';
import { type Transaction, Transactions } from '../../src/database/transactions';
import { IdempotencyKeys } from '../../src/idempotency/idempotency-keys';
import { OrderTransitions } from '../../src/orders/order-transitions';
import type { Order } from '../../src/orders/order.entity';
import { type RefundResponse, type RequestRefundRequest, toRefundResponse } from './refund.dto';
import { Refund } from './refund.entity';
import { OrderNotRefundableError } from './refunds.errors';

const REASON = 'Refunded';

@Injectable()
export class RefundsService {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: IdempotencyKeys,
    private readonly transitions: OrderTransitions,
  ) {}

  /**
   * Refunds an order, at most once per idempotency key.
   * @throws IdempotencyKeyReusedError, IdempotencyInProgressError, OrderNotRefundableError
   */
  request(
    { id, userId }: Order,
    body: RequestRefundRequest,
    key: string | undefined,
  ): Promise<RouteResult<RefundResponse>> {
    const route = `POST /orders/${id}/refund`;
    const idempotent = key === undefined ? undefined : { userId, route, key, body };
    return this.transactions.run((tx) =>
      this.keys.once(tx, idempotent, async () => {
        const refund = await this.cancelAndRefund(tx, { id, userId }, body.iban);
        return new RouteResult(toRefundResponse(refund), {});
      }),
    );
  }

  /** Cancels the order and records the refund: both are committed, or neither. */
  private async cancelAndRefund(
    tx: Transaction,
    { id, userId }: Pick<Order, 'id' | 'userId'>,
    iban: string,
  ): Promise<Refund> {
    const [cancelled] = await this.transitions.apply(tx, 'cancel', {
      actorId: userId,
      reason: REASON,
      set: (now) => ({ cancelledAt: () => now, cancelReason: REASON }),
      where: (update) => update.andWhere({ id, userId }),
    });
    if (!cancelled) throw new OrderNotRefundableError();
    const requestedAt = () => databaseTime(tx.manager.dataSource);
    return insertReturning<Refund>(tx.manager, Refund, { orderId: id, iban, requestedAt });
  }
}
