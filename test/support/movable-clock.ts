import { Clock } from '../../src/common/clock';

/** The real time, moved by however much a test wants, or standing still. */
export class MovableClock extends Clock {
  private offsetMs = 0;
  private frozenAt: number | undefined;

  override monotonicMs(): number {
    return (this.frozenAt ?? super.monotonicMs()) + this.offsetMs;
  }

  /** Lets time pass. The wall clock is moved by `moveWallClock`. */
  advance(milliseconds: number): void {
    this.offsetMs += milliseconds;
  }

  /** From now on only {@link advance} moves the time. */
  freeze(): void {
    this.frozenAt ??= super.monotonicMs();
  }
}
