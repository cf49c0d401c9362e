import { Semaphore } from './semaphore';

describe('Semaphore', () => {
  const waitingUpTo = (maxWaitMs: number, capacity?: number) =>
    new Semaphore(maxWaitMs, () => new Error('timed out'), capacity);

  it('serves one holder at a time, in order of arrival', async () => {
    const semaphore = waitingUpTo(1_000);
    const log: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        const release = await semaphore.acquire();
        log.push(`${name} begins`);
        await new Promise(setImmediate);
        log.push(`${name} ends`);
        release();
      }),
    );
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('serves callers that wait before a newcomer', async () => {
    const semaphore = waitingUpTo(1_000);
    const order: string[] = [];
    const releaseFirst = await semaphore.acquire();
    const waiting = semaphore.acquire().then((release) => (order.push('waiting'), release()));
    releaseFirst();
    const newcomer = semaphore.acquire().then((release) => (order.push('newcomer'), release()));
    await Promise.all([waiting, newcomer]);
    expect(order).toEqual(['waiting', 'newcomer']);
  });

  it('rejects a caller that has waited too long, and stays usable', async () => {
    const semaphore = waitingUpTo(10);
    const release = await semaphore.acquire();
    await expect(semaphore.acquire()).rejects.toThrow('timed out');
    release();
    await expect(semaphore.acquire()).resolves.toBeInstanceOf(Function);
  });

  it('ignores a second release', async () => {
    const semaphore = waitingUpTo(10);
    const release = await semaphore.acquire();
    release();
    await semaphore.acquire();
    release();
    await expect(semaphore.acquire()).rejects.toThrow('timed out');
  });

  it('serves as many holders at a time as its capacity', async () => {
    const semaphore = waitingUpTo(10, 2);
    const [release] = await Promise.all([semaphore.acquire(), semaphore.acquire()]);
    expect(semaphore.tryAcquire()).toBeUndefined();
    const third = semaphore.acquire();
    expect(semaphore.waitingCount).toBe(1);
    release();
    const releaseThird = await third;
    await expect(semaphore.acquire()).rejects.toThrow('timed out');
    releaseThird();
    expect(semaphore.tryAcquire()).toBeDefined();
  });
});
