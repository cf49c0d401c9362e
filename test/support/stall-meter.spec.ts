import { setTimeout as delay } from 'node:timers/promises';
import { StallMeter } from './stall-meter';

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

describe('StallMeter', () => {
  const meter = new StallMeter();

  it('measures stalls of the process, and only those during the measurement', async () => {
    const endOfAll = meter.start();
    standStill(300);
    const end = meter.start();
    standStill(400);
    await delay(1);
    standStill(500);
    const stalledMs = end();
    expect(stalledMs).toBeGreaterThan(800);
    expect(endOfAll() - stalledMs).toBeGreaterThan(200);
  });

  it('does not count the time in which the process only waits', async () => {
    const totals: number[] = [];
    for (let attempt = 0; attempt < 5 && Math.min(Infinity, ...totals) > 0; attempt++) {
      const end = meter.start();
      await delay(300);
      totals.push(end());
    }
    expect(totals).toContain(0);
  });
});
