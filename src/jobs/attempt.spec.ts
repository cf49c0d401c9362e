import { Attempt, AttemptAbortedError } from './attempt';

describe('Attempt', () => {
  const never = () => new Promise<never>(() => undefined);
  const lost = new AttemptAbortedError('lost', 'enough');

  it('returns what the work returns', async () => {
    await expect(new Attempt(1).run(async () => 7)).resolves.toBe(7);
  });

  it('rejects with the error of the work, thrown or rejected', async () => {
    const throwing = () => {
      throw new Error('thrown');
    };
    await expect(new Attempt(1).run(throwing)).rejects.toThrow('thrown');
    const rejecting = () => Promise.reject(new Error('rejected'));
    await expect(new Attempt(1).run(rejecting)).rejects.toThrow('rejected');
  });

  it('rejects when it is aborted, without waiting for the work', async () => {
    const attempt = new Attempt(1);
    const running = attempt.run(never);
    attempt.abort(lost);
    await expect(running).rejects.toBe(lost);
  });

  it('does not start the work when it is already aborted', async () => {
    const attempt = new Attempt(1);
    attempt.abort(lost);
    const work = jest.fn(never);
    await expect(attempt.run(work)).rejects.toBe(lost);
    expect(work).not.toHaveBeenCalled();
  });

  it('keeps the first reason, and ignores the result of the work after it', async () => {
    const attempt = new Attempt(1);
    let end: (value: number) => void = () => undefined;
    const running = attempt.run(() => new Promise<number>((resolve) => (end = resolve)));
    attempt.abort(lost);
    attempt.abort(new AttemptAbortedError('late', 'another'));
    end(7);
    await expect(running).rejects.toBe(lost);
    expect(attempt.context.signal.reason).toBe(lost);
  });

  it.each(['before', 'after'])('aborts a signal that was taken %s', (moment) => {
    const attempt = new Attempt(1);
    const taken = moment === 'before' ? attempt.context.signal : undefined;
    attempt.abort(lost);
    const signal = taken ?? attempt.context.signal;
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe(lost);
    expect(attempt.context.signal).toBe(signal);
  });
});
