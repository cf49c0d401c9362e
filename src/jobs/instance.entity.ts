import { Column, Entity, PrimaryColumn } from 'typeorm';
import { InstantColumn } from '../database/columns';

/** An instance of the server, as it has reported itself last. All instants are by the clock of the database. */
@Entity('instances')
export class Instance {
  /** Has the host and the process, and is different after each start. */
  @PrimaryColumn('varchar', { length: 100 })
  id: string;

  @Column('varchar', { length: 100 })
  version: string;

  @InstantColumn({ name: 'started_at' })
  startedAt: Date;

  @InstantColumn({ name: 'last_seen_at' })
  lastSeenAt: Date;

  /** False when it serves HTTP only, and once its shutdown has begun. */
  @Column('boolean')
  processing: boolean;

  /** Attempts that it runs at the same time, at most. */
  @Column('integer')
  concurrency: number;

  /** Attempts that it was running. */
  @Column('integer', { name: 'in_flight' })
  inFlight: number;

  /** When one of its runs last looked for due orders. Null before the first one. */
  @InstantColumn({ name: 'last_run_at', nullable: true })
  lastRunAt: Date | null;

  /** When its next run was to begin by `PROCESSING_CRON`. Null when there is none. */
  @InstantColumn({ name: 'next_run_at', nullable: true })
  nextRunAt: Date | null;
}
