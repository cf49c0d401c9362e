import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../../src/api/api-problems.decorator';
import type { RouteResult } from '../../src/api/route-result';
import {
  AcceptsIdempotencyKey,
  IDEMPOTENT_REPLAYED,
  IdempotencyKeyHeader,
} from '../../src/idempotency/idempotency-key.decorator';
import { CurrentOrder, ForOrderOwner } from '../../src/orders/order-owner.guard';
import { Order } from '../../src/orders/order.entity';
import { RefundResponse, RequestRefundRequest } from './refund.dto';
import { OrderNotRefundableError } from './refunds.errors';
import { RefundsService } from './refunds.service';

@ApiTags('Refunds')
@Controller('orders/:id/refund')
export class RefundsController {
  constructor(private readonly refunds: RefundsService) {}

  /**
   * Cancels one of your pending orders and requests its refund.
   * @remarks With an `Idempotency-Key`, the request can be repeated safely.
   */
  @ApiOperation({ operationId: 'requestRefund' })
  @Post()
  @ForOrderOwner()
  @AcceptsIdempotencyKey()
  @ApiCreatedResponse({
    type: RefundResponse,
    headers: { 'Idempotent-Replayed': IDEMPOTENT_REPLAYED },
  })
  @ApiProblems(new OrderNotRefundableError())
  request(
    @CurrentOrder() order: Order,
    @IdempotencyKeyHeader() key: string | undefined,
    @Body() request: RequestRefundRequest,
  ): Promise<RouteResult<RefundResponse>> {
    return this.refunds.request(order, request, key);
  }
}
