import { StallMeter } from './stall-meter';

const ATTEMPTS = 3;

const stalls = new StallMeter();

/**
 * Repeats a scenario that fails while this process stands still, three times at most. A stall exceeds the
 * time limits that the scenario depends on; a defect fails without one, which is not repeated.
 */
export async function repeatIfStalled(scenario: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const endOfStalls = stalls.start();
    try {
      return await scenario();
    } catch (error) {
      if (endOfStalls() === 0 || attempt === ATTEMPTS) throw error;
    } finally {
      endOfStalls();
    }
  }
}
