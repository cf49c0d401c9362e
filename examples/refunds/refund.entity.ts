import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { InstantColumn } from '../../src/database/columns';

/** A payment back to the owner of a cancelled order, at most one per order. */
@Entity('refunds')
export class Refund {
  @ForeignKey('Order', { name: 'refunds_order_id_fkey' })
  @PrimaryColumn('bigint', { name: 'order_id' })
  orderId: number;

  /** The bank account that receives the payment. */
  @Column('text')
  iban: string;

  @InstantColumn({ name: 'requested_at' })
  requestedAt: Date;
}
