import { Column, Entity, PrimaryColumn } from 'typeorm';
import { InstantColumn } from '../database/columns';

/** The one row by which admins control the processing of all instances; absent before the first change. */
@Entity('processing_state')
export class ProcessingState {
  @PrimaryColumn('integer')
  id: number;

  @Column('boolean')
  paused: boolean;

  /** How many times admins have paused, resumed or woken the processing. */
  @Column('bigint')
  changes: number;

  @InstantColumn({ name: 'changed_at' })
  changedAt: Date;
}
