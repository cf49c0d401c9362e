import { Body, Controller, Get, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { type AuthenticatedUser, CurrentUser } from '../common/access.decorators';
import { LOCATION } from '../common/api-headers';
import { ApiProblems } from '../common/api-problems.decorator';
import { InvalidCursorError } from '../common/common.errors';
import { PageQuery } from '../common/page.dto';
import { CurrentOrder, ForOrderOwner } from './order-owner.guard';
import { CancelOrderRequest, CreateOrderRequest } from './order-requests.dto';
import {
  OrderHistoryResponse,
  OrderPageResponse,
  OrderResponse,
  toHistoryEntryResponse,
  toOrderResponse,
} from './order.dto';
import { Order } from './order.entity';
import { OrderNotCancellableError } from './orders.errors';
import { OrdersService } from './orders.service';

@ApiTags('Orders')
@Controller('orders')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  /** Places an order. */
  @Post()
  @ApiCreatedResponse({ type: OrderResponse, headers: { Location: LOCATION } })
  async create(
    @CurrentUser() user: AuthenticatedUser,
    @Body() request: CreateOrderRequest,
    @Res({ passthrough: true }) response: Response,
  ): Promise<OrderResponse> {
    const order = await this.orders.create(user.id, request);
    response.location(`/orders/${order.id}`);
    return toOrderResponse(order);
  }

  /** Lists your orders, newest first, a page at a time. */
  @Get()
  @ApiProblems(new InvalidCursorError())
  async list(
    @CurrentUser() user: AuthenticatedUser,
    @Query() query: PageQuery,
  ): Promise<OrderPageResponse> {
    const { orders, nextCursor } = await this.orders.list(user.id, query);
    return { data: orders.map(toOrderResponse), next_cursor: nextCursor };
  }

  /** Shows one of your orders. */
  @Get(':id')
  @ForOrderOwner()
  get(@CurrentOrder() order: Order): OrderResponse {
    return toOrderResponse(order);
  }

  /** Cancels one of your orders, while it is pending. */
  @Patch(':id/cancel')
  @ForOrderOwner()
  @ApiBody({ type: CancelOrderRequest, required: false })
  @ApiProblems(new OrderNotCancellableError('completed'))
  async cancel(
    @CurrentOrder() order: Order,
    @Body() { reason = null }: CancelOrderRequest,
  ): Promise<OrderResponse> {
    return toOrderResponse(await this.orders.cancel(order, reason));
  }

  /** Shows what happened to one of your orders, oldest first. */
  @Get(':id/history')
  @ForOrderOwner()
  async history(@CurrentOrder() order: Order): Promise<OrderHistoryResponse> {
    return { data: (await this.orders.history(order)).map(toHistoryEntryResponse) };
  }
}
