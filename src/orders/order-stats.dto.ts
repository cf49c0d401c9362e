import { ApiProperty } from '@nestjs/swagger';
import type { OrderStatus } from './order-status';

/** The number of orders in each status. */
export class OrderCountsResponse implements Record<OrderStatus, number> {
  @ApiProperty({ type: 'integer', minimum: 0, example: 3 })
  pending: number;

  @ApiProperty({ type: 'integer', minimum: 0, example: 1 })
  processing: number;

  @ApiProperty({ type: 'integer', minimum: 0, example: 250 })
  completed: number;

  @ApiProperty({ type: 'integer', minimum: 0, example: 12 })
  cancelled: number;

  @ApiProperty({ type: 'integer', minimum: 0, example: 0 })
  failed: number;
}

/** Statistics of the orders of all users. */
export class OrderStatsResponse {
  counts: OrderCountsResponse;

  /** How long ago the oldest pending order was placed; null when no order is pending. */
  @ApiProperty({ type: 'integer', minimum: 0, nullable: true, example: 42 })
  oldest_pending_age_seconds: number | null;
}
