import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { leastOf } from '../../../test/support/least-of';
import { ClaimSchedule } from './claim-schedule';

describe('ClaimSchedule', () => {
  it('claims again for a call during a claim, and once for all calls before it begins', async () => {
    let calls = 0;
    const schedule = new ClaimSchedule(async () => {
      calls++;
      await delay(20);
    });
    const first = schedule.run();
    expect(schedule.run()).toBe(first);
    await delay(5);
    expect(calls).toBe(1);
    await Promise.all([schedule.run(), schedule.run()]);
    expect(calls).toBe(2);
    await schedule.run();
    expect(calls).toBe(3);
  });

  it('resolves a call after its claim, although others are wanted all the time', async () => {
    let calls = 0;
    const schedule = new ClaimSchedule(() => {
      if (++calls < 200) void schedule.run();
      return Promise.resolve();
    });
    await schedule.run();
    expect(calls).toBeLessThan(5);
    schedule.stop();
    await schedule.idle();
  });

  it('rejects the calls of a claim that has failed, and claims again for later ones', async () => {
    let calls = 0;
    const schedule = new ClaimSchedule(() =>
      ++calls === 1 ? Promise.reject(new Error('The database was slow')) : Promise.resolve(),
    );
    await expect(schedule.run()).rejects.toThrow('The database was slow');
    await schedule.run();
    expect(calls).toBe(2);
  });

  it('claims outside of the context of the request that wants it', async () => {
    const context = new AsyncLocalStorage<string>();
    const contexts: unknown[] = [];
    const schedule = new ClaimSchedule(() => {
      contexts.push(context.getStore());
      return Promise.resolve();
    });
    await context.run('a request', () => schedule.run());
    expect(contexts).toEqual([undefined]);
  });

  it('claims no more after it was stopped', async () => {
    const claim = jest.fn(() => Promise.resolve());
    const schedule = new ClaimSchedule(claim);
    const running = schedule.run();
    schedule.stop();
    await running;
    await schedule.idle();
    expect(claim).not.toHaveBeenCalled();
  });

  it('pauses for several times as long as a claim took, so that others can use the database', async () => {
    const schedule = new ClaimSchedule(() => delay(10));
    const startedAt = performance.now();
    for (let n = 0; n < 5; n++) await schedule.run();
    expect(performance.now() - startedAt).toBeGreaterThan(5 * 10 + 4 * 40);
  });

  it('pauses for as long as a slow claim took, and ends the pause when it is stopped', async () => {
    const CLAIM_MS = 300;
    const stopMs = async () => {
      let claims = 0;
      const schedule = new ClaimSchedule(() => {
        claims++;
        return delay(CLAIM_MS);
      });
      const startedAt = performance.now();
      await schedule.run();
      await schedule.run();
      expect(performance.now() - startedAt).toBeGreaterThan(3 * CLAIM_MS - 10);
      const pausing = schedule.run();
      const stoppedAt = performance.now();
      schedule.stop();
      await pausing;
      expect(claims).toBe(2);
      return performance.now() - stoppedAt;
    };
    expect(await leastOf(CLAIM_MS - 50, stopMs)).toBeLessThan(CLAIM_MS - 50);
  });
});
