import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { ID_SCHEMA } from '../api/id-schema';
import type { InvalidTokenReason } from '../errors/common.errors';
import { ORDER_STATUSES, type OrderStatus } from '../orders/order-status';

/** One invalid input. */
export class FieldProblem {
  /** @example limit */
  field: string;

  /** @example 'limit must not be greater than 100' */
  message: string;
}

/** The failed readiness checks. */
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
 * A problem document (RFC 9457). Each optional member belongs to some codes, and is described in the
 * schemas of these codes only.
 */
@ApiSchema({ name: 'Problem' })
export class ProblemDetails {
  /**
   * The page that explains the problem, relative to the API: `/problems/` and the code.
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
   * Describes the error to people.
   * @example 'Order not found'
   */
  detail: string;

  /**
   * The path of the request.
   * @example /orders/1
   */
  instance: string;

  /**
   * Identifies the error to programs. A code never changes.
   * @example order_not_found
   */
  @ApiProperty({ pattern: '^[a-z_]+$' })
  code: string;

  /** Identifies the request in the server log; equal to the `X-Request-Id` header. */
  @ApiProperty({ minLength: 1, maxLength: 128 })
  request_id: string;

  /** The invalid inputs. */
  @ApiPropertyOptional({ type: [FieldProblem] })
  errors?: FieldProblem[];

  /** The current status of the order. */
  @ApiPropertyOptional({ enum: ORDER_STATUSES, enumName: 'OrderStatus' })
  current_status?: OrderStatus;

  /** The order that has the reference. */
  @ApiPropertyOptional({ ...ID_SCHEMA })
  order_id?: number;

  /** No event from this position on was deleted: continue with an `after` that is lower by one. */
  @ApiPropertyOptional({ ...ID_SCHEMA })
  oldest_position?: number;

  /** The failed checks of `GET /health/ready`. */
  @ApiPropertyOptional({ type: FailedReadinessChecks })
  checks?: FailedReadinessChecks;

  /**
   * Why the access token is rejected: `expired` tokens can be refreshed; after `session_ended` or
   * `invalid`, log in again.
   */
  @ApiPropertyOptional({ enum: ['expired', 'session_ended', 'invalid'] })
  reason?: InvalidTokenReason;
}
