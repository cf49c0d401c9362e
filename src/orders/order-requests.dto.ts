import { ApiProperty } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';
import { StringProperty } from '../api/string-property.decorator';
import { MAX_AMOUNT, MIN_AMOUNT, isAmount } from './money';
import { MAX_PRODUCT_NAME_LENGTH, MAX_REASON_LENGTH } from './order.entity';

export const AMOUNT_RULE = `must be a number from ${MIN_AMOUNT} to ${MAX_AMOUNT} with at most two decimals`;

/** A new order. */
export class PlaceOrderRequest {
  /** @example Laptop */
  @StringProperty({ maxLength: MAX_PRODUCT_NAME_LENGTH })
  product_name: string;

  /** A decimal number with at most two decimals. */
  @ApiProperty({ minimum: MIN_AMOUNT, maximum: MAX_AMOUNT, example: 999.99 })
  @ValidateBy(
    { name: 'isAmount', validator: { validate: isAmount } },
    { message: `$property ${AMOUNT_RULE}` },
  )
  amount: number;
}

/** The optional reason of a cancellation. */
export class CancelOrderRequest {
  /** @example 'Ordered twice' */
  @StringProperty({ maxLength: MAX_REASON_LENGTH, multiline: true, optional: true })
  reason?: string | null;
}
