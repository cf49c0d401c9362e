import { setTimeout as delay } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { leastOf } from '../../test/support/least-of';
import { PLACEMENT } from '../../test/support/placement';
import { PeriodicWork } from '../common/periodic-work';
import { waitUntil } from '../../test/support/wait-until';
import { OrderEvents } from '../orders/order-events';
import type { EventNumbering, Numbered } from './event-numbering';
import type { LogGrowth } from './log-growth';
import { NumberingSchedule } from './numbering-schedule';

describe('NumberingSchedule', () => {
  const events = new OrderEvents(new EventEmitter2());
  let schedule: NumberingSchedule;

  afterEach(() => schedule.onApplicationShutdown());
  afterEach(() => jest.restoreAllMocks());

  const start = async (number: () => Promise<Numbered>) => {
    const numbering = {
      isFullSearchDue: false,
      isNeeded: () => Promise.resolve(false),
      number,
    } as unknown as EventNumbering;
    const growth = { grownTo: () => undefined } as unknown as LogGrowth;
    schedule = new NumberingSchedule(numbering, growth, new PeriodicWork(), events);
    await schedule.onApplicationBootstrap();
  };

  it('leaves half of the time to others while numbering is slow and commits do not cease', async () => {
    const runs: { readonly from: number; to: number }[] = [];
    await start(async () => {
      const run = { from: performance.now(), to: Infinity };
      runs.push(run);
      await delay(150);
      run.to = performance.now();
      return { entries: 1, latest: runs.length };
    });
    await waitUntil(() => {
      events.publish(PLACEMENT, []);
      return runs.length > 5;
    });
    const pauses = runs.slice(1).map(({ from }, index) => from - runs[index]!.to);
    runs.slice(0, -1).forEach(({ from, to }, index) => {
      expect(pauses[index]).toBeGreaterThan(Math.min(1_000, to - from) * 0.95);
    });
  });

  it('does not wait for the end of a pause at the shutdown, and numbers what was committed', async () => {
    const PAUSE_MS = 800;
    const shutdownMs = async () => {
      let runs = 0;
      let hasEnded = false;
      await start(async () => {
        if (++runs === 1) await delay(PAUSE_MS); // the pause takes as long
        hasEnded = true;
        return { entries: 1, latest: runs };
      });
      events.publish(PLACEMENT, []);
      await waitUntil(() => runs > 0);
      events.publish(PLACEMENT, []);
      await waitUntil(() => hasEnded); // the pause begins
      const startedAt = performance.now();
      await schedule.onApplicationShutdown();
      expect(runs).toBe(2);
      return performance.now() - startedAt;
    };
    expect(await leastOf(PAUSE_MS / 2, shutdownMs)).toBeLessThan(PAUSE_MS / 2);
  });

  it('numbers at the shutdown what a failed run has not numbered', async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation();
    let runs = 0;
    await start(() => {
      if (++runs === 1) return Promise.reject(new Error('The database was slow'));
      return Promise.resolve({ entries: 1, latest: runs });
    });
    events.publish(PLACEMENT, []);
    await waitUntil(() => runs > 0);
    await schedule.onApplicationShutdown();
    expect(runs).toBe(2);
  });
});
