import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { StringProperty } from '../../src/api/string-property.decorator';
import { MAX_PRODUCT_NAME_LENGTH } from '../../src/orders/order.entity';
import type { StockItem } from './stock-item.entity';

const MAX_AVAILABLE = 1_000_000;

export class StockQuery {
  /** @example Laptop */
  @StringProperty({ maxLength: MAX_PRODUCT_NAME_LENGTH })
  product_name: string;
}

export class SetStockRequest extends StockQuery {
  /**
   * Units that can be reserved.
   * @example 5
   */
  @ApiProperty({ type: 'integer', minimum: 0, maximum: MAX_AVAILABLE })
  @IsInt()
  @Min(0)
  @Max(MAX_AVAILABLE)
  available: number;
}

export class StockItemResponse {
  /** @example Laptop */
  product_name: string;

  /**
   * Units that no order has reserved.
   * @example 5
   */
  @ApiProperty({ type: 'integer', minimum: 0 })
  available: number;

  /** @example 2026-01-31T12:00:00.000Z */
  @ApiProperty({ format: 'date-time' })
  updated_at: string;
}

export function toStockItemResponse(item: StockItem): StockItemResponse {
  return {
    product_name: item.productName,
    available: item.available,
    updated_at: item.updatedAt.toISOString(),
  };
}
