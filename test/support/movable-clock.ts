import { Clock } from '../../src/common/clock';

/** The real time, moved by however much a test wants, or standing still. */
export class MovableClock extends Clock {
  private offsetMs = 0;
  private wallOffsetMs = 0;
  private frozenAt: number | undefined;

  override now(): Date {
    return new Date((this.frozenAt ?? Date.now()) + this.offsetMs + this.wallOffsetMs);
  }

  override monotonicMs(): number {
    return (this.frozenAt ?? super.monotonicMs()) + this.offsetMs;
  }

  /** Lets time pass: both readings move. */
  advance(milliseconds: number): void {
    this.offsetMs += milliseconds;
  }

  /** Sets the wall clock, as an administrator or a time server does: no time passes. */
  moveWallClock(milliseconds: number): void {
    this.wallOffsetMs += milliseconds;
  }

  /** From now on only {@link advance} and {@link moveWallClock} move the time. */
  freeze(): void {
    this.frozenAt ??= Date.now();
  }
}
