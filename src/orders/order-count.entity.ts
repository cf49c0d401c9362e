import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { OrderStatus } from './order-status';

/**
 * How many orders have a status, by the events up to the position of the reader `statistics`. Absent for a
 * status that no order has had.
 */
@Entity('order_counts')
export class OrderCount {
  @PrimaryColumn('varchar', { length: 20 })
  status: OrderStatus;

  @Column('bigint')
  orders: number;
}
