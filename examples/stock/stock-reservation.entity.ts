import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { InstantColumn } from '../../src/database/columns';

/**
 * One unit that is reserved for an order. The order is the primary key, so a second attempt at an
 * order cannot reserve a second unit.
 */
@Entity('stock_reservations')
export class StockReservation {
  @ForeignKey('Order', { name: 'stock_reservations_order_id_fkey' })
  @PrimaryColumn('bigint', { name: 'order_id' })
  orderId: number;

  @Index('stock_reservations_stock_item_id_idx')
  @ForeignKey('StockItem', { name: 'stock_reservations_stock_item_id_fkey' })
  @Column('bigint', { name: 'stock_item_id' })
  stockItemId: number;

  @InstantColumn({ name: 'reserved_at' })
  reservedAt: Date;
}
