import { Injectable } from '@nestjs/common';
import type { RouteResult } from '../api/route-result';
import { type Transaction, Transactions } from '../database/transactions';
import { IdempotencyKeys } from '../idempotency/idempotency-keys';
import { type AdminAction, cancelAction, retryAction } from './admin-actions';
import { AdminMoves } from './admin-moves';
import type { AdminOrderResponse } from './admin-order.dto';
import type { CancelOrderRequest } from './order-requests.dto';
import { adminOrderResult } from './order-result';

/** Performs the requests of admins that change one order, at most once per idempotency key. */
@Injectable()
export class OrderAdministration {
  constructor(
    private readonly transactions: Transactions,
    private readonly keys: IdempotencyKeys,
    private readonly moves: AdminMoves,
  ) {}

  /**
   * Performs `POST /admin/orders/{id}/retry`.
   * @throws OrderNotFoundError, OrderNotRetryableError
   * @throws IdempotencyKeyReusedError, IdempotencyInProgressError
   */
  retry(
    id: number,
    adminId: number,
    key: string | undefined,
  ): Promise<RouteResult<AdminOrderResponse>> {
    const request = { userId: adminId, route: `POST /admin/orders/${id}/retry`, key, body: {} };
    return this.transactions.run((tx) =>
      this.keys.once(tx, request, () =>
        this.move(tx, id, adminId, retryAction(tx.manager.dataSource)),
      ),
    );
  }

  /**
   * Performs `POST /admin/orders/{id}/cancel`.
   * @throws OrderNotFoundError, OrderNotCancellableError
   * @throws IdempotencyKeyReusedError, IdempotencyInProgressError
   */
  cancel(
    id: number,
    adminId: number,
    { reason = null }: CancelOrderRequest,
    key: string | undefined,
  ): Promise<RouteResult<AdminOrderResponse>> {
    const route = `POST /admin/orders/${id}/cancel`;
    const request = { userId: adminId, route, key, body: { reason } };
    return this.transactions.run((tx) =>
      this.keys.once(tx, request, () => this.move(tx, id, adminId, cancelAction(reason))),
    );
  }

  private async move(
    tx: Transaction,
    id: number,
    adminId: number,
    action: AdminAction,
  ): Promise<RouteResult<AdminOrderResponse>> {
    return adminOrderResult(await this.moves.one(tx, id, adminId, action));
  }
}
