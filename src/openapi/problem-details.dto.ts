import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { InvalidTokenReason } from '../common/common.errors';

/** One refused input. */
export class FieldProblem {
  /** @example limit */
  field: string;

  /** @example 'limit must not be greater than 100' */
  message: string;
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

  /**
   * Only with `invalid_token`: `expired` tokens can be refreshed; when the session has ended or the
   * token is invalid, log in again.
   */
  @ApiPropertyOptional({ enum: ['expired', 'session_ended', 'invalid'] })
  reason?: InvalidTokenReason;
}
