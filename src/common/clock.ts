import { Injectable } from '@nestjs/common';

/** The application's time. Everything that asks for the time asks here, so that tests can move it. */
@Injectable()
export class Clock {
  /** An instant of the wall clock, which can be set back. Do not measure durations with it. */
  now(): Date {
    return new Date();
  }

  /**
   * Milliseconds for measuring durations and for deadlines; setting the wall clock does not change
   * them. They count from the epoch as the process knew it when it started, so that they compare
   * with those of Redis.
   */
  monotonicMs(): number {
    return Math.trunc(performance.timeOrigin + performance.now());
  }
}
