import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { InstantColumn, JsonColumn } from '../database/columns';
import type { EventType } from '../events/event';
import { SEND_FAILURES } from './sending/webhook-sender';

/**
 * An event was received; its last request has failed and a retry is due; it waits for an earlier event of its
 * order; or its retries are spent.
 */
export const DELIVERY_STATUSES = ['delivered', 'retrying', 'waiting', 'parked'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** Why the last request failed. The last one: the order was deleted before a retry. */
export const DELIVERY_FAILURES = [...SEND_FAILURES, 'event_deleted'] as const;
export type DeliveryFailure = (typeof DELIVERY_FAILURES)[number];

/** How many attempts before the last one are kept. A delivery with all its retries has nine. */
export const MAX_EARLIER_ATTEMPTS = 20;

/** An attempt before the last one, as it is stored. */
export interface StoredAttempt {
  /** In ISO 8601; on PostgreSQL with the offset of the connection. */
  readonly attempted_at: string;
  readonly response_status: number | null;
  readonly failure: DeliveryFailure | null;
  readonly duration_ms: number | null;
}

/**
 * The delivery of an event to an endpoint. Events without a row are beyond the position of the endpoint, or
 * were not wanted, or their row has expired.
 */
@Entity('webhook_deliveries')
@Index('webhook_deliveries_due_idx', ['endpointId', 'nextAttemptAt'], {
  where: 'next_attempt_at IS NOT NULL',
})
@Index('webhook_deliveries_order_idx', ['endpointId', 'orderId', 'sequence'], {
  where: 'next_attempt_at IS NOT NULL',
})
@Index('webhook_deliveries_expires_at_idx', ['expiresAt'])
export class WebhookDelivery {
  @ForeignKey('WebhookEndpoint', {
    name: 'webhook_deliveries_endpoint_id_fkey',
    onDelete: 'CASCADE',
  })
  @PrimaryColumn('bigint', { name: 'endpoint_id' })
  endpointId: number;

  /** Of the event in the log. */
  @PrimaryColumn('bigint')
  position: number;

  @Column('bigint', { name: 'order_id' })
  orderId: number;

  @Column('integer')
  sequence: number;

  @Column('varchar', { name: 'event_type', length: 40 })
  eventType: EventType;

  @Column('varchar', { length: 10 })
  status: DeliveryStatus;

  @Column('integer')
  attempts: number;

  @Column('integer', { name: 'retries_left' })
  retriesLeft: number;

  /** The status of the last response. */
  @Column('integer', { name: 'response_status', nullable: true })
  responseStatus: number | null;

  @Column('varchar', { length: 30, nullable: true })
  failure: DeliveryFailure | null;

  @Column('integer', { name: 'duration_ms', nullable: true })
  durationMs: number | null;

  /** The latest ones before the last attempt, the oldest first; null when there is none. */
  @JsonColumn({ name: 'earlier_attempts', nullable: true })
  earlierAttempts: StoredAttempt[] | null;

  /** The number of replays of the endpoint before. */
  @Column('integer')
  replay: number;

  @InstantColumn({ name: 'created_at' })
  createdAt: Date;

  /** When the last request ended; null before the first one. */
  @InstantColumn({ name: 'attempted_at', nullable: true })
  attemptedAt: Date | null;

  /** When the next request is due; that of the earlier event, while it waits for one. Null at the end. */
  @InstantColumn({ name: 'next_attempt_at', nullable: true })
  nextAttemptAt: Date | null;

  /** When the row is deleted; null before the end. */
  @InstantColumn({ name: 'expires_at', nullable: true })
  expiresAt: Date | null;
}
