import { Injectable } from '@nestjs/common';

/**
 * Measures durations and deadlines; tests replace it. Stored instants come from the database
 * (`databaseTime`).
 */
@Injectable()
export class Clock {
  /**
   * Milliseconds since the epoch, as of the start of the process: changes of the wall clock have no
   * effect, and values are comparable with those of Redis.
   */
  monotonicMs(): number {
    return Math.trunc(performance.timeOrigin + performance.now());
  }
}
