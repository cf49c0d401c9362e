import type { DataSource } from 'typeorm';
import { databaseTime } from './database-time';

// All leases have a random token, and an expiry by the clock of the database. Only the holder of the token may
// write: each of its writes has the token in its condition.

/** SQL of the expiry of a lease that is created, or renewed, now. */
export function leaseExpiry(dataSource: DataSource, seconds: number): string {
  return databaseTime(dataSource, seconds);
}

/** SQL of a condition: the lease may be taken by others. */
export function leaseHasExpired(dataSource: DataSource, column = 'expires_at'): string {
  return `${column} <= ${databaseTime(dataSource)}`;
}

/**
 * When the holder has to stop by its own monotonic clock, in milliseconds: no later than the lease expires.
 * @param sentAt when the statement that created or renewed the lease was sent, by `performance.now()`
 */
export function leaseEnd(sentAt: number, seconds: number): number {
  return sentAt + seconds * 1_000;
}
