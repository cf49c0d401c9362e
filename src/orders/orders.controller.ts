import { Body, Controller, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import { ApiIfMatch, ApiIfNoneMatch, ETAG, IfMatch } from '../api/entity-tags';
import { LimitByUser } from '../api/limit-by-user.decorator';
import { LINK, type RouteResult, pageResult } from '../api/route-result';
import { InvalidCursorError, ValidationFailedError } from '../errors/common.errors';
import {
  AcceptsIdempotencyKey,
  IDEMPOTENT_REPLAYED,
  IdempotencyKeyHeader,
} from '../idempotency/idempotency-key.decorator';
import { CANCELLED_ORDER } from './order-examples';
import { OrderList } from './order-list';
import { OrderListQuery, OrderPageResponse } from './order-list.dto';
import { CurrentOrder, ForOrderOwner } from './order-owner.guard';
import { OrderPlacement } from './order-placement';
import { AMOUNT_RULE, CancelOrderRequest, PlaceOrderRequest } from './order-requests.dto';
import { orderResult } from './order-result';
import {
  OrderHistoryResponse,
  OrderResponse,
  toHistoryResponse,
  toOrderResponse,
} from './order.dto';
import { MAX_REASON_LENGTH, Order } from './order.entity';
import { OpenOrdersLimitReachedError, OrderNotCancellableError } from './orders.errors';
import { OrdersService } from './orders.service';

// Examples of rejected input, for the OpenAPI document.
const INVALID_AMOUNT = ValidationFailedError.ofField('amount', AMOUNT_RULE);
const INVALID_REASON = ValidationFailedError.ofField(
  'reason',
  `must be a string of 1 to ${MAX_REASON_LENGTH} printable characters`,
);

const PLACED_ORDER_HEADERS = {
  Location: {
    description: 'The URL of the order.',
    required: true,
    schema: { type: 'string', format: 'uri-reference', example: '/orders/1' },
  },
  ETag: ETAG,
  'Idempotent-Replayed': IDEMPOTENT_REPLAYED,
};

@ApiTags('Orders')
@Controller('orders')
export class OrdersController {
  constructor(
    private readonly orders: OrdersService,
    private readonly orderList: OrderList,
    private readonly placement: OrderPlacement,
  ) {}

  /**
   * Places an order.
   * @remarks The order is pending until the job claims it. With an `Idempotency-Key`, the request can be
   * repeated safely.
   */
  @ApiOperation({ operationId: 'placeOrder' })
  @Post()
  @ApiCreatedResponse({ type: OrderResponse, headers: PLACED_ORDER_HEADERS })
  @AcceptsIdempotencyKey()
  @LimitByUser({ limit: 300, windowSeconds: 10 })
  @ApiProblems(INVALID_AMOUNT, new OpenOrdersLimitReachedError(10_000))
  place(
    @CurrentUser() user: AuthenticatedUser,
    @IdempotencyKeyHeader() key: string | undefined,
    @Body() request: PlaceOrderRequest,
  ): Promise<RouteResult<OrderResponse>> {
    return this.placement.place(user.id, request, key);
  }

  /**
   * Lists your orders, newest first, a page at a time.
   * @remarks Filters combine. A cursor works only with the filters of its own list.
   */
  @ApiOperation({ operationId: 'listOrders' })
  @Get()
  @ApiOkResponse({ type: OrderPageResponse, headers: { Link: LINK } })
  @ApiProblems(new InvalidCursorError())
  async list(
    @CurrentUser() user: AuthenticatedUser,
    @Query() query: OrderListQuery,
  ): Promise<RouteResult<OrderPageResponse>> {
    return pageResult(await this.orderList.own(user.id, query), toOrderResponse);
  }

  /**
   * Returns one of your orders.
   * @remarks With `If-None-Match`, 304 while the order has not changed.
   */
  @ApiOperation({ operationId: 'getOrder' })
  @Get(':id')
  @ApiOkResponse({ type: OrderResponse, headers: { ETag: ETAG } })
  @ApiIfNoneMatch()
  @ForOrderOwner()
  get(@CurrentOrder() order: Order): RouteResult<OrderResponse> {
    return orderResult(order);
  }

  /**
   * Cancels one of your pending orders.
   * @remarks With `If-Match`, 412 when the order has changed since it was read.
   */
  @ApiOperation({ operationId: 'cancelOrder' })
  @Patch(':id/cancel')
  @ApiOkResponse({ type: OrderResponse, headers: { ETag: ETAG }, example: CANCELLED_ORDER })
  @ApiIfMatch()
  @ForOrderOwner()
  @ApiBody({ type: CancelOrderRequest, required: false })
  @ApiProblems(new OrderNotCancellableError('completed'), INVALID_REASON)
  async cancel(
    @CurrentOrder() order: Order,
    @IfMatch() ifMatch: ReadonlySet<string> | undefined,
    @Body() { reason = null }: CancelOrderRequest,
  ): Promise<RouteResult<OrderResponse>> {
    return orderResult(await this.orders.cancel(order, reason, ifMatch));
  }

  /**
   * Returns the history of one of your orders, oldest entry first.
   * @remarks One entry per transition. The first entry is the placement of the order.
   */
  @ApiOperation({ operationId: 'getOrderHistory' })
  @Get(':id/history')
  @ForOrderOwner()
  async history(@CurrentOrder() order: Order): Promise<OrderHistoryResponse> {
    return { data: toHistoryResponse(order, await this.orders.history(order)) };
  }
}
