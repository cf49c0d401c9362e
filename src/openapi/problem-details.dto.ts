import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import type { InvalidTokenReason } from '../errors/common.errors';
import { ORDER_STATUSES, type OrderStatus } from '../orders/order-status';

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

/**
 * An error, as RFC 9457 describes it. Optional members belong to the codes whose errors have them:
 * they end in the schemas of these codes.
 */
@ApiSchema({ name: 'Problem' })
export class ProblemDetails {
  /**
   * Where the problem is explained to people, relative to the API: `/problems/` and the code.
   * @example /problems/order_not_found
   */
  @ApiProperty({ format: 'uri-reference' })
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

  /** The refused inputs. */
  @ApiPropertyOptional({ type: [FieldProblem] })
  errors?: FieldProblem[];

  /** The status the order has now. */
  @ApiPropertyOptional({ enum: ORDER_STATUSES, enumName: 'OrderStatus' })
  current_status?: OrderStatus;

  /** What keeps the instance from serving requests; only of `GET /health/ready`. */
  @ApiPropertyOptional({ type: FailedReadinessChecks })
  checks?: FailedReadinessChecks;

  /**
   * Why the access token is rejected: `expired` tokens can be refreshed; after `session_ended` or
   * `invalid`, log in again.
   */
  @ApiPropertyOptional({ enum: ['expired', 'session_ended', 'invalid'] })
  reason?: InvalidTokenReason;
}
