import { Check, Column, Entity, ForeignKey, Index } from 'typeorm';
import { GeneratedIdColumn, InstantColumn } from '../database/columns';
import { MAX_REQUEST_ID_LENGTH } from '../logging/request-context';
import { QUEUE_INDEXES } from './order-indexes';
import type { OrderStatus } from './order-status';

// In characters (code points).
export const MAX_PRODUCT_NAME_LENGTH = 200;
export const MAX_REASON_LENGTH = 500;
export const MAX_REFERENCE_LENGTH = 100;

/** Ties what belongs to one status to that status, so that no order can be pending but never due. */
export const QUEUE_CHECK =
  `(status = 'pending') = (next_attempt_at IS NOT NULL)` +
  ` AND (status = 'processing') = (lease_token IS NOT NULL)` +
  ` AND (status = 'processing' OR lease_expires_at IS NULL)`;

/**
 * An order, which is at the same time the job to fulfil it: turn, lease and attempts are columns of
 * the same row, so that a claim, a cancellation and a completion are settled in one place.
 */
@Entity('orders')
@Index('orders_user_id_created_at_idx', ['userId', 'createdAt', 'id'])
@Index('orders_user_id_status_created_at_idx', ['userId', 'status', 'createdAt', 'id'])
@Index(QUEUE_INDEXES.statusCreatedAt, ['status', 'createdAt', 'id'])
@Index(QUEUE_INDEXES.turn, ['turn', 'id'], { where: `status = 'pending' AND turn IS NOT NULL` })
@Index(QUEUE_INDEXES.withoutTurn, ['nextAttemptAt', 'id'], {
  where: `status = 'pending' AND turn IS NULL AND NOT runs_alone`,
})
@Index(QUEUE_INDEXES.alone, ['nextAttemptAt', 'id'], {
  where: `status = 'pending' AND runs_alone`,
})
@Index('orders_user_id_reference_idx', ['userId', 'reference'], {
  unique: true,
  where: 'reference IS NOT NULL',
})
@Index('orders_reference_created_at_idx', ['reference', 'createdAt', 'id'], {
  where: 'reference IS NOT NULL',
})
@Check('orders_amount_minor_check', 'amount_minor > 0')
@Check('orders_queue_check', QUEUE_CHECK)
export class Order {
  @GeneratedIdColumn()
  id: number;

  @ForeignKey('User', { name: 'orders_user_id_fkey' })
  @Column('bigint', { name: 'user_id' })
  userId: number;

  @Column('text', { name: 'product_name' })
  productName: string;

  /** In minor units (cents). */
  @Column('bigint', { name: 'amount_minor' })
  amountMinor: number;

  /** The owner's own number for the order, which no other order of the owner has. It never changes. */
  @Column('varchar', { length: MAX_REFERENCE_LENGTH, nullable: true })
  reference: string | null;

  /**
   * Of the metadata, which is in a table of its own: 0 when there never was any, 1 when the order was placed with
   * it, and larger after each change.
   */
  @Column('integer', { name: 'metadata_version', default: 0 })
  metadataVersion: number;

  /** Written by `OrderTransitions` only. */
  @Column('text')
  status: OrderStatus;

  /** The number of transitions so far, which is also the sequence of the latest history entry. */
  @Column('integer')
  version: number;

  /**
   * How many attempts have begun since the order was placed, or retried by an admin. A claim counts
   * one, which is taken back if the attempt does not begin.
   */
  @Column('integer')
  attempts: number;

  /**
   * Pending orders are claimed by ascending turn; see `OwnerTurns`. Null while a pending order has no
   * turn yet, for example because it was postponed.
   */
  @Column('bigint', { nullable: true })
  turn: number | null;

  /**
   * True after a process died, lost the order, or had an uncaught error during an attempt. The order
   * may have been the cause, so no other attempt begins together with its next one.
   */
  @Column('boolean', { name: 'runs_alone', default: false })
  runsAlone: boolean;

  /** The lease of the claim that holds the order. Only that claim can end the attempt. */
  @Column('varchar', { name: 'lease_token', length: 36, nullable: true })
  leaseToken: string | null;

  /** Written by instances of the previous release, which keep the expiry of the lease here. */
  @InstantColumn({ name: 'lease_expires_at', nullable: true })
  leaseExpiresAt: Date | null;

  /** By the clock of the database: when a pending order is due. Null in every other status. */
  @InstantColumn({ name: 'next_attempt_at', nullable: true })
  nextAttemptAt: Date | null;

  /**
   * The `X-Request-Id` of the request that placed the order. Null when no request placed it, or an
   * instance of the previous release.
   */
  @Column('varchar', { name: 'request_id', length: MAX_REQUEST_ID_LENGTH, nullable: true })
  requestId: string | null;

  /** Null unless the order has failed. */
  @Column('text', { name: 'failure_reason', nullable: true })
  failureReason: string | null;

  @Column('text', { name: 'cancel_reason', nullable: true })
  cancelReason: string | null;

  @InstantColumn({ name: 'created_at' })
  createdAt: Date;

  @InstantColumn({ name: 'updated_at' })
  updatedAt: Date;

  @InstantColumn({ name: 'cancelled_at', nullable: true })
  cancelledAt: Date | null;

  @InstantColumn({ name: 'completed_at', nullable: true })
  completedAt: Date | null;
}
