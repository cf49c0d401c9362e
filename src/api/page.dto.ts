import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { parseInteger } from './parse-integer';

/** The query of a list: selects a page. */
export class PageQuery {
  static readonly DEFAULT_LIMIT = 20;

  /** The maximum number of entries. */
  @ApiPropertyOptional({ type: 'integer', default: PageQuery.DEFAULT_LIMIT, example: 20 })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => parseInteger(value))
  @IsInt()
  @Min(1)
  @Max(100)
  limit?: number;

  /** The `next_cursor` of the previous page; omit it for the first page. */
  @IsOptional()
  @IsString()
  @MaxLength(200)
  cursor?: string;
}

/** The response of a list, without `data`, which each list declares. */
export abstract class PageResponse {
  /** The `cursor` of the next page; null on the last page. */
  @ApiProperty({ type: String, nullable: true, example: null })
  next_cursor: string | null;
}
