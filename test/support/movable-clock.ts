import { Clock } from '../../src/common/clock';

/** A clock that a test can advance and freeze. */
export class MovableClock extends Clock {
  private offsetMs = 0;
  private frozenAt: number | undefined;

  override monotonicMs(): number {
    return (this.frozenAt ?? super.monotonicMs()) + this.offsetMs;
  }

  /** Advances the clock. `moveWallClock` moves the wall clock. */
  advance(milliseconds: number): void {
    this.offsetMs += milliseconds;
  }

  /** Stops the clock: only {@link advance} moves it. */
  freeze(): void {
    this.frozenAt ??= super.monotonicMs();
  }
}
