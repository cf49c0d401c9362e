import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import {
  IsBoolean,
  IsInt,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  type ValidationArguments,
} from 'class-validator';
import { ID_SCHEMA } from '../api/id-schema';
import { IfPresent } from '../api/if-present.decorator';
import { InstantProperty } from '../api/instant-property.decorator';
import { ObjectProperty } from '../api/object-property.decorator';
import { StringProperty } from '../api/string-property.decorator';
import { ORDER_STATUSES, type OrderStatus } from './order-status';
import { MAX_REASON_LENGTH } from './order.entity';

const MAX_IDS = 100;
const MAX_LIMIT = 1_000;
export const DEFAULT_LIMIT = 100;

/** Matching orders are counted up to this number. */
export const MAX_MATCHED = 10_000;

const STATUS_SCHEMA = { $ref: '#/components/schemas/OrderStatus' };

export const IDS_RULE = `must be a list of 1 to ${MAX_IDS} ids, unless there is a filter`;

function isId(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function areIds(value: unknown): boolean {
  return Array.isArray(value) && value.length >= 1 && value.length <= MAX_IDS && value.every(isId);
}

function isStatus(value: unknown): boolean {
  return (ORDER_STATUSES as readonly unknown[]).includes(value);
}

function areStatuses(value: unknown): boolean {
  return Array.isArray(value) ? value.length >= 1 && value.every(isStatus) : isStatus(value);
}

const WithoutIds = (): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isWithoutIds',
      validator: {
        validate: (_: unknown, args?: ValidationArguments) =>
          args !== undefined && !('ids' in args.object && args.object.ids !== undefined),
      },
    },
    { message: '$property must not be combined with ids' },
  );

/** Selects orders of all users. Conditions combine. */
export class BulkFilter {
  /**
   * One status, or several. By default those of the orders that can be moved. Orders in another status are
   * reported, and not moved.
   */
  @ApiPropertyOptional({
    oneOf: [STATUS_SCHEMA, { type: 'array', items: STATUS_SCHEMA, minItems: 1 }],
    example: 'failed',
  })
  @IfPresent()
  @ValidateBy(
    { name: 'areStatuses', validator: { validate: areStatuses } },
    { message: `$property must be one or several of: ${ORDER_STATUSES.join(', ')}` },
  )
  status?: OrderStatus | OrderStatus[];

  /** Orders of this user. */
  @ApiPropertyOptional({ ...ID_SCHEMA })
  @IfPresent()
  @ValidateBy(
    { name: 'isId', validator: { validate: isId } },
    { message: '$property must be a positive integer' },
  )
  user_id?: number;

  /** Orders that were placed at this instant (RFC 3339) or later. */
  @InstantProperty()
  created_from?: Date;

  /** Orders that were placed before this instant (RFC 3339). */
  @InstantProperty()
  created_to?: Date;
}

/** Selects orders, either by their ids or by a filter, and retries them. */
export class RetryOrdersRequest {
  /** The orders. Duplicates are removed. */
  @ApiPropertyOptional({
    type: 'array',
    items: ID_SCHEMA,
    minItems: 1,
    maxItems: MAX_IDS,
    example: [1, 2],
  })
  @ValidateIf(({ ids, filter }: RetryOrdersRequest) => ids !== undefined || filter === undefined)
  @ValidateBy(
    { name: 'areIds', validator: { validate: areIds } },
    { message: `$property ${IDS_RULE}` },
  )
  ids?: number[];

  /** The newest orders that match, up to `limit`. */
  @ObjectProperty(() => BulkFilter)
  @WithoutIds()
  filter?: BulkFilter;

  /** With a filter: how many orders are moved at most. */
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: MAX_LIMIT,
    default: DEFAULT_LIMIT,
  })
  @IfPresent()
  @IsInt()
  @Min(1)
  @Max(MAX_LIMIT)
  @WithoutIds()
  limit?: number;

  /** With true, nothing changes: the response says which orders would be moved. */
  @ApiPropertyOptional({ default: false })
  @IfPresent()
  @IsBoolean()
  dry_run?: boolean;
}

/** Selects orders, either by their ids or by a filter, and cancels them. */
export class CancelOrdersRequest extends RetryOrdersRequest {
  /** @example 'Out of stock' */
  @StringProperty({ maxLength: MAX_REASON_LENGTH, multiline: true, optional: true })
  reason?: string | null;
}

/** What a bulk request did with one order. */
export class OrderOutcomeResponse {
  @ApiProperty({ ...ID_SCHEMA, example: 1 })
  id: number;

  /** Whether the order was moved. Always false in a dry run. */
  @ApiProperty({ example: true })
  done: boolean;

  /**
   * Why the order was not moved, or in a dry run would not be: the code that the route for one order
   * responds with. With a filter, `order_not_retryable` or `order_not_cancellable` can also mean that the
   * order no longer matches the filter. `service_unavailable`: another transaction has locked the order for
   * too long, the request did not reach it within 20 s, or the database failed. Null if it was moved, or
   * would be.
   */
  @ApiProperty({ type: String, nullable: true, example: null })
  code: string | null;
}

/** What a bulk request did. */
export class BulkResultResponse {
  /**
   * How many orders the filter matched, counted up to 10,000, or how many of the ids exist. If it is
   * greater than the length of `data`, there are more: send the request again while `done` is greater than
   * 0. When it is 0, those in `data` cannot be moved now: to continue with the orders that are older, send as
   * `created_to` when the last one in `data` was placed whose `code` is not `service_unavailable`.
   */
  @ApiProperty({ type: 'integer', minimum: 0, maximum: MAX_MATCHED, example: 1 })
  matched: number;

  /** How many orders were moved. */
  @ApiProperty({ type: 'integer', minimum: 0, maximum: MAX_LIMIT, example: 1 })
  done: number;

  /** As in the request. */
  @ApiProperty({ example: false })
  dry_run: boolean;

  /** One entry per order, in the order of the ids, or the newest order first. */
  data: OrderOutcomeResponse[];
}
