import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser, Roles } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import { ApiIfNoneMatch, ETAG } from '../api/entity-tags';
import { ParseIdPipe } from '../api/parse-id';
import { LINK, type RouteResult, pageResult } from '../api/route-result';
import { ForbiddenError, InvalidCursorError } from '../errors/common.errors';
import { OrderList } from './order-list';
import { AdminOrderListQuery, OrderPageResponse } from './order-list.dto';
import { OrderIdParam } from './order-owner.guard';
import { orderResult } from './order-result';
import { OrderStatsResponse } from './order-stats.dto';
import { OrderStatsService } from './order-stats.service';
import { OrderResponse, toOrderResponse } from './order.dto';
import { OrderNotFoundError, OrderNotRetryableError } from './orders.errors';
import { OrdersService } from './orders.service';

@ApiTags('Administration')
@Roles(['admin'])
@Controller('admin/orders')
export class AdminOrdersController {
  constructor(
    private readonly orders: OrdersService,
    private readonly orderList: OrderList,
    private readonly orderStats: OrderStatsService,
  ) {}

  /**
   * Lists the orders of all users, newest first, a page at a time.
   * @remarks Filters combine. A cursor works only with the filters of its own list.
   */
  @ApiOperation({ operationId: 'adminListOrders' })
  @Get()
  @ApiOkResponse({ type: OrderPageResponse, headers: { Link: LINK } })
  @ApiProblems(new ForbiddenError(), new InvalidCursorError())
  async list(
    @CurrentUser() admin: AuthenticatedUser,
    @Query() query: AdminOrderListQuery,
  ): Promise<RouteResult<OrderPageResponse>> {
    return pageResult(await this.orderList.all(admin.id, query), toOrderResponse);
  }

  /**
   * Counts the orders of all users by status.
   * @remarks The orders are counted at each request: the cost grows with their number.
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
  @ApiOkResponse({ type: OrderResponse, headers: { ETag: ETAG } })
  @ApiIfNoneMatch()
  @OrderIdParam()
  @ApiProblems(new ForbiddenError(), new OrderNotFoundError())
  async get(@Param('id', ParseIdPipe) id: number): Promise<RouteResult<OrderResponse>> {
    return orderResult(await this.orders.get(id));
  }

  /**
   * Retries a failed order.
   * @remarks The order is pending again, and its attempts are reset.
   */
  @ApiOperation({ operationId: 'adminRetryOrder' })
  @Post(':id/retry')
  @HttpCode(202)
  @ApiAcceptedResponse({ type: OrderResponse, headers: { ETag: ETAG } })
  @OrderIdParam()
  @ApiProblems(
    new ForbiddenError(),
    new OrderNotFoundError(),
    new OrderNotRetryableError('completed'),
  )
  async retry(
    @Param('id', ParseIdPipe) id: number,
    @CurrentUser() admin: AuthenticatedUser,
  ): Promise<RouteResult<OrderResponse>> {
    return orderResult(await this.orders.retry(id, admin.id));
  }
}
