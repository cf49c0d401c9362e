import { ApiProperty } from '@nestjs/swagger';
import { StringProperty } from '../../src/api/string-property.decorator';
import type { Refund } from './refund.entity';

export class RequestRefundRequest {
  /**
   * The bank account that receives the payment.
   * @example DE02120300000000202051
   */
  @StringProperty({ maxLength: 34 })
  iban: string;
}

export class RefundResponse {
  /** @example 1 */
  @ApiProperty({ type: 'integer', minimum: 1 })
  order_id: number;

  /** @example DE02120300000000202051 */
  iban: string;

  /** @example 2026-01-31T12:00:00.000Z */
  @ApiProperty({ format: 'date-time' })
  requested_at: string;
}

export function toRefundResponse({ orderId, iban, requestedAt }: Refund): RefundResponse {
  return { order_id: orderId, iban, requested_at: requestedAt.toISOString() };
}
