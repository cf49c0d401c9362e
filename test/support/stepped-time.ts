import { setImmediate as nextLoopIteration } from 'node:timers/promises';
import { AttemptSlots } from '../../src/jobs/attempt-slots';
import type { TestApp } from './test-app';
import { waitUntil } from './wait-until';

/**
 * The monotonic time of this process, which stands still unless a test advances it. So the waits of
 * the processor take no time, and end at exact instants. `jest.restoreAllMocks` restores the time.
 */
export class SteppedTime {
  private ms = 1_000_000;
  private waits = 0;

  constructor(private readonly app: TestApp) {
    jest.spyOn(performance, 'now').mockImplementation(() => this.ms);
    const slots = app.nest.get(AttemptSlots);
    const until = slots.until.bind(slots);
    jest.spyOn(slots, 'until').mockImplementation(async (...given) => {
      this.waits++;
      try {
        await until(...given);
      } finally {
        this.waits--;
      }
    });
  }

  get now(): number {
    return this.ms;
  }

  /** Advances the time by one second, requests a run, and waits until the processor waits again. */
  async advanceOneSecond(): Promise<void> {
    await this.processorWaits();
    this.ms += 1_000;
    void this.app.processor.runOnce();
    await this.processorWaits();
  }

  private async processorWaits(): Promise<void> {
    await nextLoopIteration(); // a wait that has just been ended ends
    await waitUntil(() => this.waits > 0, { description: 'the processor waits' });
  }
}
