import { ApiPropertyOptional, OmitType } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional } from 'class-validator';
import { ID_SCHEMA } from '../api/id-schema';
import { InstantProperty } from '../api/instant-property.decorator';
import { ListProperty } from '../api/list-property.decorator';
import { PageQuery, PageResponse } from '../api/page.dto';
import { toId } from '../api/parse-id';
import { StringProperty } from '../api/string-property.decorator';
import type { Metadata } from './metadata';
import { MetadataFilterProperty } from './metadata-property.decorator';
import { ORDER_STATUSES, type OrderStatus } from './order-status';
import { OrderResponse } from './order.dto';
import { MAX_REFERENCE_LENGTH } from './order.entity';

/** Filters a list of orders. */
export class OrderListQuery extends PageQuery {
  /**
   * One status, or several: repeat the parameter, or separate the values by commas. At most 100 values
   * are accepted. Duplicates are removed.
   */
  @ListProperty({ allowed: ORDER_STATUSES, enumName: 'OrderStatus' })
  status?: OrderStatus[];

  /** Orders that were placed at this instant (RFC 3339) or later. */
  @InstantProperty()
  created_from?: Date;

  /** Orders that were placed before this instant (RFC 3339). */
  @InstantProperty()
  created_to?: Date;

  /**
   * Orders with exactly this reference.
   * @example A-1001
   */
  @StringProperty({ maxLength: MAX_REFERENCE_LENGTH, optional: true, nullable: false })
  reference?: string;

  /**
   * Orders that have this value under this key of their metadata: `metadata[channel]=web`. One key is
   * accepted.
   */
  @MetadataFilterProperty()
  metadata?: Metadata;
}

/** Filters the list of the orders of all users. */
export class AdminOrderListQuery extends OrderListQuery {
  /** Orders of this user. */
  @ApiPropertyOptional({ ...ID_SCHEMA })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => toId(value) ?? value)
  @IsInt({ message: '$property must be a positive integer' })
  user_id?: number;
}

/** What selects a page of a list, and does not apply to an export. */
const PAGE_FIELDS = ['limit', 'cursor'] as const satisfies (keyof PageQuery)[];

/** Filters an export of orders. */
export class OrderExportQuery extends OmitType(OrderListQuery, PAGE_FIELDS) {}

/** Filters an export of the orders of all users. */
export class AdminOrderExportQuery extends OmitType(AdminOrderListQuery, PAGE_FIELDS) {}

/** One page of a list of orders. */
export class OrderPageResponse extends PageResponse {
  /** Newest first. */
  data: OrderResponse[];
}
