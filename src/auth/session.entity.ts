import { Column, Entity, ForeignKey, Index, Unique } from 'typeorm';
import { GeneratedIdColumn, InstantColumn } from '../database/columns';

/**
 * A login that lasts: one row from the login until the session ends or expires. All instants are by
 * the clock of the database, so that the clocks of instances may differ.
 */
@Entity('sessions')
@Unique('sessions_key_key', ['key'])
@Index('sessions_user_id_idx', ['userId'])
@Index('sessions_expires_at_idx', ['expiresAt'])
export class Session {
  @GeneratedIdColumn()
  id: number;

  /** Names the session in tokens. Random, so that no token fits a session of another database. */
  @Column('varchar', { length: 36 })
  key: string;

  @ForeignKey('User', { name: 'sessions_user_id_fkey', onDelete: 'CASCADE' })
  @Column('bigint', { name: 'user_id' })
  userId: number;

  /** Counts the refreshes. The refresh token of this generation is the valid one. */
  @Column('integer')
  generation: number;

  /** Where the login came from. */
  @Column('text', { name: 'ip_address' })
  ipAddress: string;

  @Column('text', { name: 'user_agent', nullable: true })
  userAgent: string | null;

  @InstantColumn({ name: 'created_at' })
  createdAt: Date;

  @InstantColumn({ name: 'refreshed_at' })
  refreshedAt: Date;

  /** When the session ends unless it is refreshed; never later than `endsAt`. */
  @InstantColumn({ name: 'expires_at' })
  expiresAt: Date;

  /** When the session ends however often it is refreshed. */
  @InstantColumn({ name: 'ends_at' })
  endsAt: Date;
}
