import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { ListProperty } from '../api/list-property.decorator';
import { parseInteger } from '../api/parse-integer';
import { ValidationFailedError } from '../errors/common.errors';
import { EVENT_TYPES, type EventType } from './event';
import { EventDto } from './event.dto';

/** Highest number that JSON represents exactly, with as many digits as `parseInteger` accepts. */
export const MAX_POSITION = 999_999_999_999_999;

/** Where reading begins. */
export class PositionQuery {
  /**
   * A position: events after it are returned. By default, the feed begins with the oldest event, and a stream with what
   * happens from now on. It must not be above the latest position.
   */
  @ApiPropertyOptional({ type: 'integer', format: 'int64', minimum: 0, example: 0 })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => parseInteger(value))
  @IsInt()
  @Min(0)
  @Max(MAX_POSITION)
  after?: number;
}

/** An example of rejected input, for the OpenAPI document. */
export const INVALID_AFTER = ValidationFailedError.ofField('after', 'must not be less than 0');

/** Selects a part of the feed. */
export class EventListQuery extends PositionQuery {
  static readonly DEFAULT_LIMIT = 100;

  /** The maximum number of events. */
  @ApiPropertyOptional({ type: 'integer', default: EventListQuery.DEFAULT_LIMIT, example: 100 })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => parseInteger(value))
  @IsInt()
  @Min(1)
  @Max(500)
  limit?: number;

  /**
   * One type, or several: repeat the parameter, or separate the values by commas. At most 100 values are
   * accepted. Duplicates are removed.
   */
  @ListProperty({ allowed: EVENT_TYPES, enumName: 'EventType' })
  type?: EventType[];
}

/** A part of the feed. */
export class EventPageResponse {
  /** By ascending position. */
  data: EventDto[];

  /** The `after` of the next request. Equal to `after` when there are no further events. */
  @ApiProperty({ type: 'integer', format: 'int64', minimum: 0, example: 1 })
  next_after: number;

  /** True when there are further events now. A page with a `type` can be empty although others follow. */
  @ApiProperty({ example: false })
  has_more: boolean;
}
