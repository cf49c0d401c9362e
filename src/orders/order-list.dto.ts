import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional } from 'class-validator';
import { ID_SCHEMA } from '../api/id-schema';
import { InstantProperty } from '../api/instant-property.decorator';
import { ListProperty } from '../api/list-property.decorator';
import { PageQuery, PageResponse } from '../api/page.dto';
import { toId } from '../api/parse-id';
import { ORDER_STATUSES, type OrderStatus } from './order-status';
import { OrderResponse } from './order.dto';

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

/** One page of a list of orders. */
export class OrderPageResponse extends PageResponse {
  /** Newest first. */
  data: OrderResponse[];
}
