import { Clock } from '../../src/common/clock';

/** The real time, moved by however much a test wants, or standing still. */
export class MovableClock extends Clock {
  private offsetMs = 0;
  private frozenAt: number | undefined;

  override now(): Date {
    return new Date((this.frozenAt ?? Date.now()) + this.offsetMs);
  }

  advance(milliseconds: number): void {
    this.offsetMs += milliseconds;
  }

  /** From now on only {@link advance} moves the time. */
  freeze(): void {
    this.frozenAt ??= Date.now();
  }
}
