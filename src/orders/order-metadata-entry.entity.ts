import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { InstantColumn } from '../database/columns';
import { MAX_METADATA_KEY_LENGTH } from './metadata';

/**
 * One key of the metadata of one order. Owner and creation are those of the order, which never change,
 * so that the indexes find the orders with a value in the order of a list.
 */
@Entity('order_metadata')
@Index('order_metadata_user_id_key_value_created_at_idx', [
  'userId',
  'key',
  'value',
  'createdAt',
  'orderId',
])
@Index('order_metadata_key_value_created_at_idx', ['key', 'value', 'createdAt', 'orderId'])
export class OrderMetadataEntry {
  @ForeignKey('Order', { name: 'order_metadata_order_id_fkey' })
  @PrimaryColumn('bigint', { name: 'order_id' })
  orderId: number;

  @PrimaryColumn('varchar', { length: MAX_METADATA_KEY_LENGTH })
  key: string;

  @Column('text')
  value: string;

  @Column('bigint', { name: 'user_id' })
  userId: number;

  @InstantColumn({ name: 'created_at' })
  createdAt: Date;
}
