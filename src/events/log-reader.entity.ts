import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A position in the log, by name. The row `log` has the latest position that was assigned, and is locked to assign more. */
@Entity('log_readers')
export class LogReader {
  @PrimaryColumn('varchar', { length: 40 })
  name: string;

  @Column('bigint')
  position: number;
}
