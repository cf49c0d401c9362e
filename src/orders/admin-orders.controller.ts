import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiBody,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser, Roles } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import type { Download } from '../api/download';
import { ApiIfNoneMatch, ETAG } from '../api/entity-tags';
import { ParseIdPipe } from '../api/parse-id';
import { LINK, type RouteResult, pageResult } from '../api/route-result';
import { ForbiddenError, InvalidCursorError } from '../errors/common.errors';
import {
  AcceptsIdempotencyKey,
  IdempotencyKeyHeader,
} from '../idempotency/idempotency-key.decorator';
import {
  AdminOrderPageResponse,
  AdminOrderResponse,
  toAdminOrderResponse,
} from './admin-order.dto';
import { OrderAdministration } from './order-administration';
import { ADMIN_ORDER_CSV } from './order-csv';
import { ADMIN_CANCELLED_ORDER, CHANGED_ORDER_HEADERS, INVALID_REASON } from './order-examples';
import { OrderExport } from './order-export';
import { ExportsOrders } from './order-export.decorator';
import { OrderList } from './order-list';
import { AdminOrderExportQuery, AdminOrderListQuery } from './order-list.dto';
import { OrderIdParam } from './order-owner.guard';
import { CancelOrderRequest } from './order-requests.dto';
import { adminOrderResult } from './order-result';
import { OrderStatsResponse } from './order-stats.dto';
import { OrderStatsService } from './order-stats.service';
import { OrderHistoryResponse, toHistoryResponse } from './order.dto';
import {
  OrderNotCancellableError,
  OrderNotFoundError,
  OrderNotRetryableError,
} from './orders.errors';
import { OrdersService } from './orders.service';

@ApiTags('Administration')
@Roles(['admin'])
@Controller('admin/orders')
export class AdminOrdersController {
  constructor(
    private readonly orders: OrdersService,
    private readonly orderList: OrderList,
    private readonly orderExport: OrderExport,
    private readonly orderStats: OrderStatsService,
    private readonly administration: OrderAdministration,
  ) {}

  /**
   * Lists the orders of all users, newest first, a page at a time.
   * @remarks Filters combine. A cursor works only with the filters of its own list. A page can have
   * fewer orders than `limit`, or none, although others follow, with `metadata` or `reference` and a further
   * filter, or when the metadata is long: only `next_cursor` shows whether the list has ended.
   */
  @ApiOperation({ operationId: 'adminListOrders' })
  @Get()
  @ApiOkResponse({ type: AdminOrderPageResponse, headers: { Link: LINK } })
  @ApiProblems(new ForbiddenError(), new InvalidCursorError())
  async list(
    @CurrentUser() admin: AuthenticatedUser,
    @Query() query: AdminOrderListQuery,
  ): Promise<RouteResult<AdminOrderPageResponse>> {
    return pageResult(await this.orderList.all(admin.id, query), toAdminOrderResponse);
  }

  /**
   * Exports the orders of all users as CSV, newest first.
   * @remarks One line per order. Filters combine, as in the list. Orders that are placed
   * meanwhile are not included.
   */
  @ApiOperation({ operationId: 'adminExportOrders' })
  @Get('export')
  @ExportsOrders('all', ADMIN_ORDER_CSV.example(ADMIN_CANCELLED_ORDER))
  @ApiProblems(new ForbiddenError())
  export(@Query() query: AdminOrderExportQuery): Download {
    return this.orderExport.all(query);
  }

  /**
   * Counts the orders of all users by status.
   * @remarks The numbers include each committed change. The cost does not depend on the number of orders,
   * unless the statistics are being rebuilt.
   */
  @ApiOperation({ operationId: 'adminGetOrderStats' })
  @Get('stats')
  @ApiProblems(new ForbiddenError())
  async stats(): Promise<OrderStatsResponse> {
    const { counts, oldestPendingAge } = await this.orderStats.get();
    return { counts, oldest_pending_age_seconds: oldestPendingAge };
  }

  /**
   * Returns an order of any user.
   * @remarks With `If-None-Match`, 304 while the order has not changed.
   */
  @ApiOperation({ operationId: 'adminGetOrder' })
  @Get(':id')
  @ApiOkResponse({ type: AdminOrderResponse, headers: { ETag: ETAG } })
  @ApiIfNoneMatch()
  @OrderIdParam()
  @ApiProblems(new ForbiddenError(), new OrderNotFoundError())
  async get(@Param('id', ParseIdPipe) id: number): Promise<RouteResult<AdminOrderResponse>> {
    return adminOrderResult(await this.orders.getForAdmin(id));
  }

  /**
   * Returns the history of an order of any user, oldest entry first.
   * @remarks As its owner sees it: one entry per transition.
   */
  @ApiOperation({ operationId: 'adminGetOrderHistory' })
  @Get(':id/history')
  @OrderIdParam()
  @ApiProblems(new ForbiddenError(), new OrderNotFoundError())
  async history(@Param('id', ParseIdPipe) id: number): Promise<OrderHistoryResponse> {
    const order = await this.orders.get(id);
    return { data: toHistoryResponse(order, await this.orders.history(order)) };
  }

  /**
   * Cancels a pending or failed order.
   * @remarks The owner sees the reason, in the order and in its history. With an `Idempotency-Key`, the
   * request can be repeated safely.
   */
  @ApiOperation({ operationId: 'adminCancelOrder' })
  @Post(':id/cancel')
  @HttpCode(200)
  @ApiOkResponse({
    type: AdminOrderResponse,
    headers: CHANGED_ORDER_HEADERS,
    example: ADMIN_CANCELLED_ORDER,
  })
  @AcceptsIdempotencyKey()
  @OrderIdParam()
  @ApiBody({ type: CancelOrderRequest, required: false })
  @ApiProblems(
    new ForbiddenError(),
    new OrderNotFoundError(),
    new OrderNotCancellableError('completed', true),
    INVALID_REASON,
  )
  cancel(
    @Param('id', ParseIdPipe) id: number,
    @CurrentUser() admin: AuthenticatedUser,
    @IdempotencyKeyHeader() key: string | undefined,
    @Body() request: CancelOrderRequest,
  ): Promise<RouteResult<AdminOrderResponse>> {
    return this.administration.cancel(id, admin.id, request, key);
  }

  /**
   * Retries a failed order.
   * @remarks The order is pending again, and its attempts are reset. With an `Idempotency-Key`, the request
   * can be repeated safely.
   */
  @ApiOperation({ operationId: 'adminRetryOrder' })
  @Post(':id/retry')
  @HttpCode(202)
  @ApiAcceptedResponse({ type: AdminOrderResponse, headers: CHANGED_ORDER_HEADERS })
  @AcceptsIdempotencyKey()
  @OrderIdParam()
  @ApiProblems(
    new ForbiddenError(),
    new OrderNotFoundError(),
    new OrderNotRetryableError('completed'),
  )
  retry(
    @Param('id', ParseIdPipe) id: number,
    @CurrentUser() admin: AuthenticatedUser,
    @IdempotencyKeyHeader() key: string | undefined,
  ): Promise<RouteResult<AdminOrderResponse>> {
    return this.administration.retry(id, admin.id, key);
  }
}
