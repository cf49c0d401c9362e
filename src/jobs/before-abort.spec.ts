import { beforeAbort } from './before-abort';

describe('beforeAbort', () => {
  const never = () => new Promise<never>(() => undefined);

  it('gives what the work gives', async () => {
    await expect(beforeAbort(new AbortController().signal, async () => 7)).resolves.toBe(7);
  });

  it('passes on what the work throws, at once or later', async () => {
    const { signal } = new AbortController();
    const throwing = () => {
      throw new Error('at once');
    };
    await expect(beforeAbort(signal, throwing)).rejects.toThrow('at once');
    const rejecting = () => Promise.reject(new Error('later'));
    await expect(beforeAbort(signal, rejecting)).rejects.toThrow('later');
  });

  it('stops waiting when the signal is aborted', async () => {
    const controller = new AbortController();
    const waiting = beforeAbort(controller.signal, never);
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('does not begin when the signal was aborted before', async () => {
    const work = jest.fn(never);
    await expect(beforeAbort(AbortSignal.abort(new Error('enough')), work)).rejects.toThrow(
      'enough',
    );
    expect(work).not.toHaveBeenCalled();
  });
});
