import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Up to which position `retention` has deleted events of a user. Absent when it has deleted none. */
@Entity('deleted_events')
@Index('deleted_events_position_idx', ['position'])
export class DeletedEvents {
  @PrimaryColumn('bigint', { name: 'user_id' })
  userId: number;

  /** The highest one that was deleted. */
  @Column('bigint')
  position: number;
}
