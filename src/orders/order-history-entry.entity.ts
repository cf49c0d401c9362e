import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { InstantColumn } from '../database/columns';
import type { ActorType, OrderStatus } from './order-status';

/** One transition of one order. The primary key makes a second entry for it impossible. */
@Entity('order_history')
export class OrderHistoryEntry {
  @ForeignKey('Order', { name: 'order_history_order_id_fkey' })
  @PrimaryColumn('bigint', { name: 'order_id' })
  orderId: number;

  /** 1 for the creation of the order; the order's version after the transition. */
  @PrimaryColumn('integer')
  sequence: number;

  /** Null for the creation of the order. */
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

  @InstantColumn({ name: 'created_at' })
  createdAt: Date;
}
