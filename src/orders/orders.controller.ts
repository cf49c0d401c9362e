import { Body, Controller, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import type { Download } from '../api/download';
import { ApiIfMatch, ApiIfNoneMatch, ETAG, IfMatch } from '../api/entity-tags';
import { LimitByUser } from '../api/limit-by-user.decorator';
import { AcceptsMergePatch } from '../api/merge-patch.decorator';
import { LINK, type RouteResult, pageResult } from '../api/route-result';
import { InvalidCursorError, ValidationFailedError } from '../errors/common.errors';
import {
  AcceptsIdempotencyKey,
  IdempotencyKeyHeader,
} from '../idempotency/idempotency-key.decorator';
import { MAX_METADATA_KEYS } from './metadata';
import { OrderCancellation } from './order-cancellation';
import { ORDER_CSV } from './order-csv';
import { CANCELLED_ORDER, CHANGED_ORDER_HEADERS, INVALID_REASON } from './order-examples';
import { OrderExport } from './order-export';
import { ExportsOrders } from './order-export.decorator';
import { OrderList } from './order-list';
import { OrderExportQuery, OrderListQuery, OrderPageResponse } from './order-list.dto';
import type { OrderWithMetadata } from './order-metadata-rows';
import { OrderMetadata } from './order-metadata';
import { CurrentOrder, ForOrderOwner } from './order-owner.guard';
import { OrderPlacement } from './order-placement';
import {
  AMOUNT_RULE,
  CancelOrderRequest,
  PatchOrderRequest,
  PlaceOrderRequest,
} from './order-requests.dto';
import { orderResult } from './order-result';
import {
  OrderHistoryResponse,
  OrderResponse,
  toHistoryResponse,
  toOrderResponse,
} from './order.dto';
import type { Order } from './order.entity';
import {
  OpenOrdersLimitReachedError,
  OrderNotCancellableError,
  ReferenceTakenError,
} from './orders.errors';
import { OrdersService } from './orders.service';

// An example of rejected input, for the OpenAPI document.
const INVALID_AMOUNT = ValidationFailedError.ofField('amount', AMOUNT_RULE);

const INVALID_METADATA = ValidationFailedError.ofField(
  'metadata',
  `may have at most ${MAX_METADATA_KEYS} keys, and would have ${MAX_METADATA_KEYS + 1}`,
);

const PLACED_ORDER_HEADERS = {
  Location: {
    description: 'The URL of the order.',
    required: true,
    schema: { type: 'string', format: 'uri-reference', example: '/orders/1' },
  },
  ...CHANGED_ORDER_HEADERS,
};

@ApiTags('Orders')
@Controller('orders')
export class OrdersController {
  constructor(
    private readonly orders: OrdersService,
    private readonly orderList: OrderList,
    private readonly orderExport: OrderExport,
    private readonly placement: OrderPlacement,
    private readonly metadata: OrderMetadata,
    private readonly cancellation: OrderCancellation,
  ) {}

  /**
   * Places an order.
   * @remarks The order is pending until the job claims it. With an `Idempotency-Key`, the request can be
   * repeated safely. A `reference` is used once among your orders, without a time limit.
   */
  @ApiOperation({ operationId: 'placeOrder' })
  @Post()
  @ApiCreatedResponse({ type: OrderResponse, headers: PLACED_ORDER_HEADERS })
  @AcceptsIdempotencyKey()
  @LimitByUser({ limit: 300, windowSeconds: 10 })
  @ApiProblems(INVALID_AMOUNT, new OpenOrdersLimitReachedError(10_000), new ReferenceTakenError(1))
  place(
    @CurrentUser() user: AuthenticatedUser,
    @IdempotencyKeyHeader() key: string | undefined,
    @Body() request: PlaceOrderRequest,
  ): Promise<RouteResult<OrderResponse>> {
    return this.placement.place(user.id, request, key);
  }

  /**
   * Lists your orders, newest first, a page at a time.
   * @remarks Filters combine. A cursor works only with the filters of its own list. A page can have
   * fewer orders than `limit`, or none, although others follow, with `metadata` or `reference` and a further
   * filter, or when the metadata is long: only `next_cursor` shows whether the list has ended.
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
   * Exports your orders as CSV, newest first.
   * @remarks One line per order. Filters combine, as in the list. Orders that are placed
   * meanwhile are not included.
   */
  @ApiOperation({ operationId: 'exportOrders' })
  @Get('export')
  @ExportsOrders('own', ORDER_CSV.example(CANCELLED_ORDER))
  export(@CurrentUser() user: AuthenticatedUser, @Query() query: OrderExportQuery): Download {
    return this.orderExport.own(user.id, query);
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
  get(@CurrentOrder() order: OrderWithMetadata): RouteResult<OrderResponse> {
    return orderResult(order);
  }

  /**
   * Changes the metadata of one of your orders, in any status.
   * @remarks The body is a JSON merge patch (RFC 7396): keys that it does not mention are kept, null removes
   * a key. With `If-Match`, 412 when the order has changed since it was read. The history has no entry of it.
   */
  @ApiOperation({ operationId: 'patchOrder' })
  @Patch(':id')
  @AcceptsMergePatch()
  @ApiOkResponse({ type: OrderResponse, headers: { ETag: ETAG } })
  @ApiIfMatch()
  @ForOrderOwner()
  @ApiProblems(INVALID_METADATA)
  async patch(
    @CurrentOrder() order: OrderWithMetadata,
    @IfMatch() ifMatch: ReadonlySet<string> | undefined,
    @Body() { metadata }: PatchOrderRequest,
  ): Promise<RouteResult<OrderResponse>> {
    return orderResult(await this.metadata.patch(order, metadata, ifMatch));
  }

  /**
   * Cancels one of your pending orders.
   * @remarks With `If-Match`, 412 when the order has changed since it was read. With an `Idempotency-Key`,
   * the request can be repeated safely: a repetition returns the first response, also with `If-Match`.
   */
  @ApiOperation({ operationId: 'cancelOrder' })
  @Patch(':id/cancel')
  @ApiOkResponse({ type: OrderResponse, headers: CHANGED_ORDER_HEADERS, example: CANCELLED_ORDER })
  @ApiIfMatch()
  @AcceptsIdempotencyKey()
  @ForOrderOwner()
  @ApiBody({ type: CancelOrderRequest, required: false })
  @ApiProblems(new OrderNotCancellableError('completed'), INVALID_REASON)
  cancel(
    @CurrentOrder() order: OrderWithMetadata,
    @IfMatch() ifMatch: ReadonlySet<string> | undefined,
    @IdempotencyKeyHeader() key: string | undefined,
    @Body() request: CancelOrderRequest,
  ): Promise<RouteResult<OrderResponse>> {
    return this.cancellation.cancel(order, request, ifMatch, key);
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
