import { runUntilAborted } from './run-until-aborted';

describe('runUntilAborted', () => {
  const never = () => new Promise<never>(() => undefined);

  it('returns what the work returns', async () => {
    await expect(runUntilAborted(new AbortController().signal, async () => 7)).resolves.toBe(7);
  });

  it('rejects with the error of the work, thrown or rejected', async () => {
    const { signal } = new AbortController();
    const throwing = () => {
      throw new Error('thrown');
    };
    await expect(runUntilAborted(signal, throwing)).rejects.toThrow('thrown');
    const rejecting = () => Promise.reject(new Error('rejected'));
    await expect(runUntilAborted(signal, rejecting)).rejects.toThrow('rejected');
  });

  it('rejects when the signal is aborted, without waiting for the work', async () => {
    const controller = new AbortController();
    const waiting = runUntilAborted(controller.signal, never);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('does not start the work when the signal is already aborted', async () => {
    const work = jest.fn(never);
    await expect(runUntilAborted(AbortSignal.abort(new Error('enough')), work)).rejects.toThrow(
      'enough',
    );
    expect(work).not.toHaveBeenCalled();
  });
});
