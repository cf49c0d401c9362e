import { Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { type AuthenticatedUser, CurrentUser, Roles } from '../common/access.decorators';
import { LINK } from '../common/api-headers';
import { ApiProblems } from '../common/api-problems.decorator';
import { ForbiddenError, InvalidCursorError } from '../common/common.errors';
import { linkToNextPage } from '../common/page-link';
import { ParseIdPipe } from '../common/parse-id';
import { OrderList } from './order-list';
import { AdminOrderListQuery, OrderPageResponse, toOrderPageResponse } from './order-list.dto';
import { OrderIdParam } from './order-owner.guard';
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
  ) {}

  /** Lists the orders of all users, newest first, a page at a time. */
  @Get()
  @ApiOkResponse({ type: OrderPageResponse, headers: { Link: LINK } })
  @ApiProblems(new ForbiddenError(), new InvalidCursorError())
  async list(
    @CurrentUser() admin: AuthenticatedUser,
    @Query() query: AdminOrderListQuery,
    @Res({ passthrough: true }) response: Response,
  ): Promise<OrderPageResponse> {
    const page = await this.orderList.all(admin.id, query);
    linkToNextPage(response, page.nextCursor);
    return toOrderPageResponse(page);
  }

  /** Starts a failed order over. */
  @Post(':id/retry')
  @HttpCode(202)
  @OrderIdParam()
  @ApiProblems(
    new ForbiddenError(),
    new OrderNotFoundError(),
    new OrderNotRetryableError('completed'),
  )
  async retry(
    @Param('id', ParseIdPipe) id: number,
    @CurrentUser() admin: AuthenticatedUser,
  ): Promise<OrderResponse> {
    return toOrderResponse(await this.orders.retry(id, admin.id));
  }
}
