import { ApiProperty } from '@nestjs/swagger';
import { ID_SCHEMA } from '../api/id-schema';
import { PageResponse } from '../api/page.dto';
import { EVENT_TYPES, type EventType, eventId } from '../events/event';
import { SEND_FAILURES, type SendFailure, type SendResult } from './sending/webhook-sender';
import {
  DELIVERY_FAILURES,
  DELIVERY_STATUSES,
  MAX_EARLIER_ATTEMPTS,
  type DeliveryFailure,
  type DeliveryStatus,
  type StoredAttempt,
  type WebhookDelivery,
} from './webhook-delivery.entity';

const RESPONSE_STATUS = { type: 'integer', minimum: 100, maximum: 999, nullable: true } as const;

/** A request before the last one. */
export class EarlierAttemptResponse {
  /** When the request ended. */
  @ApiProperty({ type: String, format: 'date-time', example: '2026-01-31T11:55:00.000Z' })
  attempted_at: string;

  /** The status of the response; null when there was none. */
  @ApiProperty({ ...RESPONSE_STATUS, example: 503 })
  response_status: number | null;

  /** Why the request failed; null when it succeeded. */
  @ApiProperty({
    enum: DELIVERY_FAILURES,
    enumName: 'DeliveryFailure',
    nullable: true,
    example: 'http_status',
  })
  failure: DeliveryFailure | null;

  /** How long the request took, in milliseconds. */
  @ApiProperty({ type: 'integer', minimum: 0, nullable: true, example: 42 })
  duration_ms: number | null;
}

/** The delivery of an event to a webhook. */
export class DeliveryResponse {
  /** The `id` of the event, which is its `webhook-id`. */
  @ApiProperty({ pattern: String.raw`^evt_\d+_\d+$`, example: 'evt_1_1' })
  event_id: string;

  /** The type of the event. */
  @ApiProperty({ enum: EVENT_TYPES, enumName: 'EventType', example: 'order.created' })
  event_type: EventType;

  /** The position of the event. */
  @ApiProperty({ ...ID_SCHEMA, example: 1 })
  position: number;

  /**
   * `delivered`; `retrying` after a failure; `waiting` for its turn, or for an earlier event of the same order;
   * `parked` when the retries are spent, or were ended by a replay, which sends the event again in its turn.
   */
  @ApiProperty({ enum: DELIVERY_STATUSES, enumName: 'DeliveryStatus', example: 'delivered' })
  status: DeliveryStatus;

  /** The number of requests that have ended. A replay begins again with 1. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 1 })
  attempts: number;

  /** The status of the last response; null when there was none. */
  @ApiProperty({ ...RESPONSE_STATUS, example: 200 })
  response_status: number | null;

  /**
   * Why the last request failed: `forbidden_address`, `unresolved` (no address in DNS), `connect_failed`,
   * `connect_timeout` (5 s), `tls_failed`, `timeout` (15 s), `connection_lost`, `invalid_response`, `redirect`,
   * `http_status` (not 2xx), or `event_deleted` (by the retention of orders).
   */
  @ApiProperty({
    enum: DELIVERY_FAILURES,
    enumName: 'DeliveryFailure',
    nullable: true,
    example: null,
  })
  failure: DeliveryFailure | null;

  /** How long the last request took, in milliseconds. */
  @ApiProperty({ type: 'integer', minimum: 0, nullable: true, example: 42 })
  duration_ms: number | null;

  /** When the last request ended. */
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-01-31T12:00:00.000Z',
  })
  attempted_at: string | null;

  /** When the next request is due; null when none follows. */
  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  next_attempt_at: string | null;

  /**
   * The requests before the last one, the oldest first, also those before a replay: the last 20 of them. Empty
   * when there was none.
   */
  @ApiProperty({ type: [EarlierAttemptResponse], maxItems: MAX_EARLIER_ATTEMPTS })
  earlier_attempts: EarlierAttemptResponse[];
}

/** One page of the deliveries of a webhook, the latest event first. */
export class DeliveryPageResponse extends PageResponse {
  data: DeliveryResponse[];
}

/** The outcome of a test event. */
export class WebhookTestResponse {
  /** Whether the response had a status of 2xx. */
  @ApiProperty({ example: true })
  delivered: boolean;

  /** The status of the response; null when there was none. */
  @ApiProperty({ ...RESPONSE_STATUS, example: 204 })
  response_status: number | null;

  /**
   * Why the request failed: `forbidden_address`, `unresolved` (no address in DNS), `connect_failed`,
   * `connect_timeout` (5 s), `tls_failed`, `timeout` (15 s), `connection_lost`, `invalid_response`, `redirect`,
   * `http_status` (not 2xx).
   */
  @ApiProperty({ enum: SEND_FAILURES, enumName: 'SendFailure', nullable: true, example: null })
  failure: SendFailure | null;

  /** How long the request took. */
  @ApiProperty({ type: 'integer', minimum: 0, example: 42 })
  duration_ms: number;
}

export function toDeliveryResponse(delivery: WebhookDelivery): DeliveryResponse {
  return {
    event_id: eventId(delivery),
    event_type: delivery.eventType,
    position: delivery.position,
    status: delivery.status,
    attempts: delivery.attempts,
    response_status: delivery.responseStatus,
    failure: delivery.failure,
    duration_ms: delivery.durationMs,
    attempted_at: delivery.attemptedAt?.toISOString() ?? null,
    next_attempt_at: delivery.nextAttemptAt?.toISOString() ?? null,
    earlier_attempts: (delivery.earlierAttempts ?? []).map(toEarlierAttempt),
  };
}

function toEarlierAttempt(attempt: StoredAttempt): EarlierAttemptResponse {
  return {
    attempted_at: new Date(attempt.attempted_at).toISOString(),
    response_status: attempt.response_status,
    failure: attempt.failure,
    duration_ms: attempt.duration_ms,
  };
}

export function toTestResponse({ failure, status, durationMs }: SendResult): WebhookTestResponse {
  return {
    delivered: failure === null,
    response_status: status,
    failure,
    duration_ms: durationMs,
  };
}
