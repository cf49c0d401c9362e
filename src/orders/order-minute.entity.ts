import { Column, Entity, PrimaryColumn } from 'typeorm';
import { instant } from '../database/columns';

/**
 * How many orders were completed, and failed, in a minute, by the events up to the position of the reader
 * `statistics`. Minutes of the last two hours are kept.
 */
@Entity('order_minutes')
export class OrderMinute {
  /** The start of the minute. */
  @PrimaryColumn({ type: 'timestamptz', precision: 3, transformer: instant })
  minute: Date;

  @Column('bigint')
  completed: number;

  @Column('bigint')
  failed: number;
}
