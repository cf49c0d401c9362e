import type { DataSource } from 'typeorm';
import { databaseTime } from '../database/database-time';
import type { ChangedColumns } from './order-transitions';

/** What changes together with the status when an order is cancelled. */
export function cancelledColumns(reason: string | null): ChangedColumns {
  // The history keeps the reason of the failure.
  return (now) => ({ cancelledAt: () => now, cancelReason: reason, failureReason: null });
}

/** What changes together with the status when an order is retried: its attempts are reset. */
export function retriedColumns(dataSource: DataSource): ChangedColumns {
  return () => ({
    attempts: 0,
    turn: null,
    failureReason: null,
    // Due at once, also when the clock of the database was set back since the last transition.
    nextAttemptAt: () => databaseTime(dataSource),
  });
}
