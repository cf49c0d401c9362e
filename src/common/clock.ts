import { Injectable } from '@nestjs/common';

/**
 * Measures durations and deadlines, so that tests can move them. Instants that are stored come from
 * the database (`databaseTime`).
 */
@Injectable()
export class Clock {
  /**
   * Milliseconds; setting the wall clock does not change them. They count from the epoch as the
   * process knew it when it started, so that they compare with those of Redis.
   */
  monotonicMs(): number {
    return Math.trunc(performance.timeOrigin + performance.now());
  }
}
