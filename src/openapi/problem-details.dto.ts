import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** One refused input. */
export class FieldProblem {
  /** @example limit */
  field: string;

  /** @example 'limit must not be greater than 100' */
  message: string;
}

/** What keeps an instance from serving requests. */
export class FailedReadinessChecks {
  /** The database does not respond. */
  @ApiPropertyOptional({ enum: ['down'] })
  database?: 'down';

  /** The database lacks migrations of this version. */
  @ApiPropertyOptional({ enum: ['pending'] })
  migrations?: 'pending';

  /** The instance is shutting down. */
  @ApiPropertyOptional({ enum: ['begun'] })
  shutdown?: 'begun';
}

/** An error, as RFC 9457 describes it. Some codes bring members of their own. */
export class ProblemDetails {
  /**
   * `urn:problem:` and the code.
   * @example urn:problem:order_not_found
   */
  @ApiProperty({ format: 'uri' })
  type: string;

  /** @example 'Order not found' */
  title: string;

  /**
   * The HTTP status.
   * @example 404
   */
  @ApiProperty({ type: 'integer', minimum: 400, maximum: 599 })
  status: number;

  /**
   * What went wrong, for people.
   * @example 'Order not found'
   */
  detail: string;

  /**
   * The path of the request.
   * @example /orders/1
   */
  instance: string;

  /**
   * What went wrong, for programs. Codes never change.
   * @example order_not_found
   */
  @ApiProperty({ pattern: '^[a-z_]+$' })
  code: string;

  /** Identifies the request in the log of the server; the same as the `X-Request-Id` header. */
  @ApiProperty({ minLength: 1, maxLength: 128 })
  request_id: string;

  /** Only with `validation_failed`. */
  @ApiPropertyOptional({ type: [FieldProblem] })
  errors?: FieldProblem[];

  /** Only with `order_not_cancellable` and `order_not_retryable`: the status the order has now. */
  @ApiPropertyOptional()
  current_status?: string;

  /** Only with `service_unavailable` of `GET /health/ready`: what keeps the instance from serving. */
  @ApiPropertyOptional({ type: FailedReadinessChecks })
  checks?: FailedReadinessChecks;
}
