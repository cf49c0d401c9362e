const TICK_MS = 20;

/** A tick that is later than this is late because the process, or the machine, stood still. */
const LATE_MS = 100;

/** Measures for how long this process stands still. What it waits for then only seems to take so long. */
export class StallMeter {
  private measurements = 0;
  private timer: NodeJS.Timeout | undefined;
  private lastTick = 0;
  private totalMs = 0;

  /** @returns a function that ends the measurement, and returns the duration of all stalls, in milliseconds */
  start(): () => number {
    if (this.measurements++ === 0) {
      this.lastTick = performance.now();
      this.timer = setInterval(() => this.tick(), TICK_MS);
    }
    this.tick();
    const before = this.totalMs;
    let stalledMs: number | undefined;
    return () => (stalledMs ??= this.end() - before);
  }

  private end(): number {
    this.tick();
    if (--this.measurements === 0) clearInterval(this.timer);
    return this.totalMs;
  }

  private tick(): void {
    const now = performance.now();
    const lateMs = now - this.lastTick - TICK_MS;
    if (lateMs > LATE_MS) this.totalMs += lateMs;
    this.lastTick = now;
  }
}
