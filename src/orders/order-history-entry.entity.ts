import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { InstantColumn } from '../database/columns';
import { MAX_REQUEST_ID_LENGTH } from '../logging/request-context';
import type { ActorType, OrderStatus } from './order-status';

/** One transition of one order. Its primary key prevents a second entry for the same transition. */
@Entity('order_history')
@Index('order_history_position_idx', ['position'], { unique: true })
@Index('order_history_user_id_position_idx', ['userId', 'position'])
@Index('order_history_unnumbered_idx', ['createdAt'], { where: 'position IS NULL' })
export class OrderHistoryEntry {
  @ForeignKey('Order', { name: 'order_history_order_id_fkey' })
  @PrimaryColumn('bigint', { name: 'order_id' })
  orderId: number;

  /** The version of the order after the transition; 1 for its placement. */
  @PrimaryColumn('integer')
  sequence: number;

  /** Null for the placement. */
  @Column('text', { name: 'from_status', nullable: true })
  from: OrderStatus | null;

  @Column('text', { name: 'to_status' })
  to: OrderStatus;

  @Column('text', { name: 'actor_type' })
  actorType: ActorType;

  /** The user's id; null for the system. */
  @Column('bigint', { name: 'actor_id', nullable: true })
  actorId: number | null;

  @Column('text', { nullable: true })
  reason: string | null;

  /** The `X-Request-Id` of the request that caused the transition; null for those of the system. */
  @Column('varchar', { name: 'request_id', length: MAX_REQUEST_ID_LENGTH, nullable: true })
  requestId: string | null;

  @InstantColumn({ name: 'created_at' })
  createdAt: Date;

  /** In the log of all orders. Null until it is assigned, after the commit; see `EventNumbering`. */
  @Column('bigint', { nullable: true })
  position: number | null;

  /** The owner of the order. Null until the position is assigned. */
  @Column('bigint', { name: 'user_id', nullable: true })
  userId: number | null;
}
