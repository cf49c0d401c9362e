import { AsyncLocalStorage } from 'node:async_hooks';
import { Logger } from '@nestjs/common';
import { PeriodicWork } from './periodic-work';

const INTERVAL_MS = 1_000;

describe('PeriodicWork', () => {
  const work = jest.fn<Promise<void>, []>();
  let lines: unknown[];

  beforeEach(() => {
    jest.useFakeTimers();
    work.mockReset().mockResolvedValue(undefined);
    lines = [];
    const keep = (line: unknown) => void lines.push(line);
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(keep);
    jest.spyOn(Logger.prototype, 'log').mockImplementation(keep);
  });

  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  const start = () => new PeriodicWork().start('work', INTERVAL_MS, work);
  const advance = (intervals: number) => jest.advanceTimersByTimeAsync(intervals * INTERVAL_MS);

  it('does the work at once, and then at the interval, until it is stopped', async () => {
    const repetition = await start();
    expect(work).toHaveBeenCalledTimes(1);
    await advance(3);
    expect(work).toHaveBeenCalledTimes(4);
    await repetition.stop();
    await advance(3);
    expect(work).toHaveBeenCalledTimes(4);
  });

  it('does not start work again while it is running, and waits for it in the end', async () => {
    const repetition = await start();
    let finish = (): void => undefined;
    work.mockReturnValueOnce(new Promise((resolve) => (finish = resolve)));
    await advance(5);
    expect(work).toHaveBeenCalledTimes(2);

    let hasStopped = false;
    const stopped = repetition.stop().then(() => (hasStopped = true));
    await advance(1);
    expect(hasStopped).toBe(false);
    finish();
    await stopped;
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('goes on after errors, and logs the first of a row and the end of the row', async () => {
    const error = new Error('connect ECONNREFUSED 127.0.0.1:5432');
    work.mockRejectedValue(error);
    const repetition = await start();
    await advance(3);
    const failure = { msg: 'Could not work, trying again', err: error };
    expect(lines).toEqual([failure]);
    work.mockResolvedValue(undefined);
    await advance(2);
    expect(lines).toEqual([failure, 'Could work again']);
    work.mockImplementationOnce(() => {
      throw error;
    });
    await advance(1);
    expect(lines).toEqual([failure, 'Could work again', failure]);
    await repetition.stop();
  });

  it('does the work once more when it is hastened, however often, until it is stopped', async () => {
    const repetition = await start();
    repetition.hasten(10);
    repetition.hasten(0);
    await jest.advanceTimersByTimeAsync(9);
    expect(work).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(work).toHaveBeenCalledTimes(2);
    repetition.hasten(10);
    await jest.advanceTimersByTimeAsync(10);
    expect(work).toHaveBeenCalledTimes(3);
    repetition.hasten(10);
    await repetition.stop();
    repetition.hasten(10);
    await advance(1);
    expect(work).toHaveBeenCalledTimes(3);
  });

  it('does hastened work after the work that is running', async () => {
    const repetition = await start();
    let finish = (): void => undefined;
    work.mockReturnValueOnce(new Promise((resolve) => (finish = resolve)));
    await advance(1);
    repetition.hasten(0);
    await jest.advanceTimersByTimeAsync(10);
    expect(work).toHaveBeenCalledTimes(2);
    finish();
    await jest.advanceTimersByTimeAsync(0);
    expect(work).toHaveBeenCalledTimes(3);
    await repetition.stop();
  });

  it('does hastened work outside of the context of the request that hastens it', async () => {
    const context = new AsyncLocalStorage<string>();
    const repetition = await start();
    const contexts: unknown[] = [];
    work.mockImplementation(() => {
      contexts.push(context.getStore());
      return Promise.resolve();
    });
    await context.run('a request', async () => {
      repetition.hasten(0);
      await jest.advanceTimersByTimeAsync(0);
    });
    expect(contexts).toEqual([undefined]);
    await repetition.stop();
  });

  it('does not keep the process from ending', async () => {
    jest.useRealTimers();
    const timers = jest.spyOn(globalThis, 'setInterval');
    const repetition = await start();
    const timer = timers.mock.results[0]!.value as NodeJS.Timeout;
    expect(timer.hasRef()).toBe(false);
    await repetition.stop();
  });
});
