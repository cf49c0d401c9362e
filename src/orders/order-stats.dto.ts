import { ApiProperty } from '@nestjs/swagger';
import type { OrderStatus } from './order-status';

/** The number of orders in each status. */
export class OrderCountsResponse implements Record<OrderStatus, number> {
  /** @example 3 */
  @ApiProperty({ type: 'integer', minimum: 0 })
  pending: number;

  /** @example 1 */
  @ApiProperty({ type: 'integer', minimum: 0 })
  processing: number;

  /** @example 250 */
  @ApiProperty({ type: 'integer', minimum: 0 })
  completed: number;

  /** @example 12 */
  @ApiProperty({ type: 'integer', minimum: 0 })
  cancelled: number;

  /** @example 0 */
  @ApiProperty({ type: 'integer', minimum: 0 })
  failed: number;
}

/** Statistics of the orders of all users. */
export class OrderStatsResponse {
  counts: OrderCountsResponse;

  /**
   * How long ago the oldest pending order was placed; null when no order is pending.
   * @example 42
   */
  @ApiProperty({ type: 'integer', minimum: 0, nullable: true })
  oldest_pending_age_seconds: number | null;
}

/** Statistics of all orders; ages are in seconds. */
export interface OrderStats {
  readonly counts: Readonly<Record<OrderStatus, number>>;
  /** Null when no order is pending. */
  readonly oldestPendingAge: number | null;
}

export function toOrderStatsResponse({ counts, oldestPendingAge }: OrderStats): OrderStatsResponse {
  return { counts, oldest_pending_age_seconds: oldestPendingAge };
}
