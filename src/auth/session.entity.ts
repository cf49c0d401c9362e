import { Column, Entity, ForeignKey, Index, Unique } from 'typeorm';
import { GeneratedIdColumn, InstantColumn } from '../database/columns';

/**
 * A session: from a login until it ends or expires. All instants are those of the database's clock,
 * because the clocks of instances may differ.
 */
@Entity('sessions')
@Unique('sessions_key_key', ['key'])
@Index('sessions_user_id_idx', ['userId'])
@Index('sessions_expires_at_idx', ['expiresAt'])
export class Session {
  @GeneratedIdColumn()
  id: number;

  /** Identifies the session in tokens. Random, so that tokens of another database match no session. */
  @Column('varchar', { length: 36 })
  key: string;

  @ForeignKey('User', { name: 'sessions_user_id_fkey', onDelete: 'CASCADE' })
  @Column('bigint', { name: 'user_id' })
  userId: number;

  /** The number of refreshes. Only the refresh token of this generation is valid. */
  @Column('integer')
  generation: number;

  /** The IP address of the login. */
  @Column('text', { name: 'ip_address' })
  ipAddress: string;

  @Column('text', { name: 'user_agent', nullable: true })
  userAgent: string | null;

  @InstantColumn({ name: 'created_at' })
  createdAt: Date;

  @InstantColumn({ name: 'refreshed_at' })
  refreshedAt: Date;

  /** When the session expires unless it is refreshed; never later than `endsAt`. */
  @InstantColumn({ name: 'expires_at' })
  expiresAt: Date;

  /** When the session expires even if it is refreshed. */
  @InstantColumn({ name: 'ends_at' })
  endsAt: Date;
}
