import { Entity, PrimaryColumn } from 'typeorm';
import { InstantColumn } from '../database/columns';

/**
 * The lease of the orders that were claimed together. Their attempts begin together as well, so that
 * one small row is written to begin them, and to renew the lease, instead of one row per order.
 */
@Entity('order_leases')
export class OrderLease {
  /** The `lease_token` of the orders. */
  @PrimaryColumn('varchar', { length: 36 })
  token: string;

  /** By the clock of the database. After this instant the orders can be reclaimed. */
  @InstantColumn({ name: 'expires_at' })
  expiresAt: Date;

  /** When the attempts began. Null while the orders are only claimed. */
  @InstantColumn({ name: 'begun_at', nullable: true })
  begunAt: Date | null;
}
