import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type AuthenticatedUser, CurrentUser, Roles } from '../api/access.decorators';
import { ApiProblems } from '../api/api-problems.decorator';
import { LimitByUser } from '../api/limit-by-user.decorator';
import { ForbiddenError, ValidationFailedError } from '../errors/common.errors';
import { BulkOrders } from './bulk-orders';
import {
  BulkResultResponse,
  CancelOrdersRequest,
  IDS_RULE,
  RetryOrdersRequest,
} from './bulk-orders.dto';

const INVALID_IDS = ValidationFailedError.ofField('ids', IDS_RULE);

/** A request moves up to 1,000 orders, which takes as long as some hundred other requests. */
const QUOTA = { limit: 30, windowSeconds: 60 };

@ApiTags('Administration')
@Roles(['admin'])
@Controller('admin/orders')
export class BulkOrdersController {
  constructor(private readonly orders: BulkOrders) {}

  /**
   * Retries many failed orders.
   * @remarks Select them by `ids`, or by a `filter`, which matches failed orders by default. Each order is
   * retried under its own condition: `data` has the outcome of each. The request can be repeated, because an
   * order that was retried is not failed any more. Try it with `dry_run` first.
   */
  @ApiOperation({ operationId: 'adminRetryOrders' })
  @Post('retries')
  @HttpCode(200)
  @LimitByUser(QUOTA)
  @ApiProblems(INVALID_IDS, new ForbiddenError())
  retry(
    @CurrentUser() admin: AuthenticatedUser,
    @Body() request: RetryOrdersRequest,
  ): Promise<BulkResultResponse> {
    return this.orders.retry(admin.id, request);
  }

  /**
   * Cancels many pending and failed orders.
   * @remarks Select them by `ids`, or by a `filter`, which matches pending and failed orders by default. Each
   * order is cancelled under its own condition: `data` has the outcome of each. The request can be repeated.
   * Try it with `dry_run` first: an empty filter matches the orders of all users.
   */
  @ApiOperation({ operationId: 'adminCancelOrders' })
  @Post('cancellations')
  @HttpCode(200)
  @LimitByUser(QUOTA)
  @ApiProblems(INVALID_IDS, new ForbiddenError())
  cancel(
    @CurrentUser() admin: AuthenticatedUser,
    @Body() request: CancelOrdersRequest,
  ): Promise<BulkResultResponse> {
    return this.orders.cancel(admin.id, request);
  }
}
