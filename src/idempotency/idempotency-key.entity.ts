import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { InstantColumn } from '../database/columns';

/** The response to a successful request with an idempotency key. */
@Entity('idempotency_keys')
export class IdempotencyKey {
  @ForeignKey('User', { name: 'idempotency_keys_user_id_fkey' })
  @PrimaryColumn('bigint', { name: 'user_id' })
  userId: number;

  /** Method and path. */
  @PrimaryColumn('text')
  route: string;

  @PrimaryColumn('text')
  key: string;

  /** SHA-256 of the request's body. */
  @Column('text')
  fingerprint: string;

  /** 0 stands for the status of the route. */
  @Column('integer')
  status: number;

  /** Empty when the response has none; so is `etag`. */
  @Column('text')
  location: string;

  @Column('text')
  etag: string;

  /** JSON. */
  @Column('text')
  body: string;

  /** By the clock of the database. */
  @Index('idempotency_keys_created_at_idx')
  @InstantColumn({ name: 'created_at' })
  createdAt: Date;
}
