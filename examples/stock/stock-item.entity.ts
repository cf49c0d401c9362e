import { Check, Column, Entity, Unique } from 'typeorm';
import { GeneratedIdColumn, InstantColumn } from '../../src/database/columns';

/** A product in stock, identified by the `product_name` of orders. */
@Entity('stock_items')
@Unique('stock_items_product_name_key', ['productName'])
@Check('stock_items_available_check', 'available >= 0')
export class StockItem {
  @GeneratedIdColumn()
  id: number;

  @Column('text', { name: 'product_name' })
  productName: string;

  /** Units that no order has reserved. */
  @Column('integer')
  available: number;

  @InstantColumn({ name: 'updated_at' })
  updatedAt: Date;
}
