import { LineBatches } from './line-batches';

function createBatches() {
  const destination = {
    write: jest.fn<void, [string]>(),
    writeSync: jest.fn<void, [string]>(),
    drain: () => Promise.resolve(),
  };
  return { destination, batches: new LineBatches([destination]) };
}

describe('LineBatches', () => {
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('writes the lines of 10 ms together', () => {
    jest.useFakeTimers();
    const { destination, batches } = createBatches();
    batches.write('a\n');
    batches.write('b\n');
    jest.advanceTimersByTime(9);
    expect(destination.write).not.toHaveBeenCalled();
    jest.advanceTimersByTime(1);
    batches.write('c\n');
    jest.advanceTimersByTime(10);
    expect(destination.write.mock.calls).toEqual([['a\nb\n'], ['c\n']]);
  });

  it('writes at once when it has collected much, and on request', () => {
    const { destination, batches } = createBatches();
    const long = `${'x'.repeat(70_000)}\n`;
    batches.write(long);
    expect(destination.write.mock.calls).toEqual([[long]]);
    batches.write('last\n');
    batches.flushSync();
    expect(destination.writeSync.mock.calls).toEqual([['last\n']]);
  });

  it('writes the last lines when the process exits', () => {
    const listen = jest.spyOn(process, 'prependOnceListener');
    const { destination, batches } = createBatches();
    const [event, onExit] = listen.mock.lastCall as unknown as [string, () => void];
    batches.write('last\n');
    expect(event).toBe('exit');
    onExit();
    expect(destination.writeSync.mock.calls).toEqual([['last\n']]);
  });
});
