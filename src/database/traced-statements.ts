import type { Tracing } from '../common/tracing';

/** A driver that traces its statements; those on PostgreSQL are traced in the library pg. */
export interface TracesStatements {
  tracing: Tracing;
}
