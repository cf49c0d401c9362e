import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** Which page of a list is wanted. */
export class PageQuery {
  static readonly DEFAULT_LIMIT = 20;

  /**
   * How many entries at most.
   * @example 20
   */
  @ApiPropertyOptional({ type: 'integer', default: PageQuery.DEFAULT_LIMIT })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => parseInteger(value))
  @IsInt()
  @Min(1)
  @Max(100)
  limit?: number;

  /** The `next_cursor` of the page before; leave it out for the first page. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}

/** What the response of a list has beside its `data`, which each list declares. */
export abstract class PageResponse {
  /** Send it as `cursor` to get the next page; null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor: string | null;
}

/** Stricter than `Number`, which takes an empty text, `1e2` and `0x10` for numbers. */
function parseInteger(value: unknown): unknown {
  return typeof value === 'string' && /^-?\d{1,9}$/.test(value) ? Number(value) : value;
}
