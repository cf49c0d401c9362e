import { Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser, Roles } from '../common/access.decorators';
import { ApiProblems } from '../common/api-problems.decorator';
import { ForbiddenError } from '../common/common.errors';
import { ParseIdPipe } from '../common/parse-id';
import { OrderIdParam } from './order-owner.guard';
import { OrderResponse, toOrderResponse } from './order.dto';
import { OrderNotFoundError, OrderNotRetryableError } from './orders.errors';
import { OrdersService } from './orders.service';

@ApiTags('Administration')
@Roles(['admin'])
@Controller('admin/orders')
export class AdminOrdersController {
  constructor(private readonly orders: OrdersService) {}

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
