import { PeriodicWork } from '../../src/common/periodic-work';
import { waitUntil } from './wait-until';

/** Work that is repeated when a test asks for it: no statement runs while a test counts statements. */
export class SteppedPeriodicWork extends PeriodicWork {
  private readonly attempts = new Set<() => Promise<void>>();

  /** Does all periodic work once. */
  async step(): Promise<void> {
    for (const attempt of this.attempts) await attempt();
  }

  /** Does all periodic work until a condition is met. */
  until(condition: () => boolean | Promise<boolean>): Promise<void> {
    const isMetAfterStep = async () => {
      await this.step();
      return condition();
    };
    return waitUntil(isMetAfterStep, { description: String(condition), deadlineMs: 25_000 });
  }

  protected override repeat(attempt: () => Promise<void>): () => void {
    this.attempts.add(attempt);
    return () => void this.attempts.delete(attempt);
  }

  /** The next step does it. */
  protected override after(): () => void {
    return () => undefined;
  }
}
