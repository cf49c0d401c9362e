import { ApiProperty } from '@nestjs/swagger';
import { ValidateBy } from 'class-validator';
import { StringProperty } from '../api/string-property.decorator';
import { MAX_AMOUNT, MIN_AMOUNT, isAmount } from './money';
import type { Metadata, MetadataPatch } from './metadata';
import { MetadataPatchProperty, MetadataProperty } from './metadata-property.decorator';
import { MAX_PRODUCT_NAME_LENGTH, MAX_REASON_LENGTH, MAX_REFERENCE_LENGTH } from './order.entity';

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

  /**
   * Your own number for the order, which no other of your orders may have. It is compared exactly, and
   * never changes.
   * @example A-1001
   */
  @StringProperty({ maxLength: MAX_REFERENCE_LENGTH, optional: true })
  reference?: string | null;

  /**
   * Strings that are stored with the order, by key. A key has 1 to 40 letters, digits, `_`, `.` and `-`.
   */
  @MetadataProperty()
  metadata?: Metadata | null;
}

/** Changes an order (a JSON merge patch, RFC 7396). */
export class PatchOrderRequest {
  /**
   * Keys with their new values. Null removes a key, or, in place of the object, all keys. Keys that are
   * not mentioned are kept; in the end there may be at most 50.
   */
  @MetadataPatchProperty()
  metadata: MetadataPatch;
}

/** The optional reason of a cancellation. */
export class CancelOrderRequest {
  /** @example 'Ordered twice' */
  @StringProperty({ maxLength: MAX_REASON_LENGTH, multiline: true, optional: true })
  reason?: string | null;
}
