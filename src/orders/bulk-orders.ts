import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import {
  type AdminAction,
  type Outcomes,
  cancelAction,
  previewOf,
  restrictTo,
  retryAction,
  statusesOf,
} from './admin-actions';
import { AdminMoves } from './admin-moves';
import { BulkMoves } from './bulk-moves';
import {
  type BulkResultResponse,
  type CancelOrdersRequest,
  DEFAULT_LIMIT,
  MAX_MATCHED,
  type RetryOrdersRequest,
} from './bulk-orders.dto';
import { OrderList, filterOf } from './order-list';
import { OrderNotFoundError } from './orders.errors';

/** The orders of a request, and what is done with them. */
interface Selection {
  readonly ids: readonly number[];
  /** Undefined: as many as the ids that exist. */
  readonly matched?: number;
  readonly action: AdminAction;
}

/**
 * Performs the requests of admins that change many orders. They need no idempotency key: an order that
 * was moved is not moved again by a repetition, because its status is another one then.
 */
@Injectable()
export class BulkOrders {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly list: OrderList,
    private readonly moves: AdminMoves,
    private readonly bulkMoves: BulkMoves,
  ) {}

  /** Performs `POST /admin/orders/retries`. */
  retry(adminId: number, request: RetryOrdersRequest): Promise<BulkResultResponse> {
    return this.perform(adminId, request, retryAction(this.dataSource));
  }

  /** Performs `POST /admin/orders/cancellations`. */
  cancel(adminId: number, request: CancelOrdersRequest): Promise<BulkResultResponse> {
    return this.perform(adminId, request, cancelAction(request.reason ?? null));
  }

  private async perform(
    adminId: number,
    request: RetryOrdersRequest,
    unrestricted: AdminAction,
  ): Promise<BulkResultResponse> {
    const { dry_run = false } = request;
    const { ids, matched, action } = await this.select(request, unrestricted);
    const outcomes = dry_run
      ? previewOf(await this.moves.statuses(this.dataSource.manager, ids), action)
      : await this.bulkMoves.move(ids, adminId, action);
    return toResponse(ids, matched, dry_run, outcomes);
  }

  private async select(
    { ids, filter = {}, limit = DEFAULT_LIMIT }: RetryOrdersRequest,
    action: AdminAction,
  ): Promise<Selection> {
    if (ids) return { ids: [...new Set(ids)], action };
    const { status = statusesOf(action), user_id, created_from, created_to } = filter;
    const statuses = [status].flat();
    const conditions = {
      ...filterOf({ status: statuses, created_from, created_to }),
      userId: user_id,
    };
    const found = await this.list.newestIds(conditions, limit);
    const areAll = found.length < limit;
    const counted = areAll ? 0 : await this.list.count(conditions, MAX_MATCHED);
    return {
      ids: found,
      matched: Math.max(found.length, counted), // orders may have left the filter meanwhile
      action: restrictTo(statuses, action),
    };
  }
}

const NOT_FOUND = new OrderNotFoundError().code;

function toResponse(
  ids: readonly number[],
  matched: number | undefined,
  dryRun: boolean,
  outcomes: Outcomes,
): BulkResultResponse {
  const data = ids.map((id) => {
    const code = outcomes.has(id) ? (outcomes.get(id) ?? null) : NOT_FOUND;
    return { id, done: !dryRun && code === null, code };
  });
  return {
    matched: matched ?? data.filter(({ code }) => code !== NOT_FOUND).length,
    done: data.filter(({ done }) => done).length,
    dry_run: dryRun,
    data,
  };
}
