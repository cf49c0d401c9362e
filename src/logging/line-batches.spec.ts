import { setImmediate as nextLoopIteration } from 'node:timers/promises';
import { LineBatches } from './line-batches';

function createBatches() {
  const destination = { write: jest.fn<void, [string]>(), flushSync: jest.fn() };
  return { destination, batches: new LineBatches([destination]) };
}

describe('LineBatches', () => {
  afterEach(() => jest.restoreAllMocks());

  it('writes the lines of one pass of the event loop together', async () => {
    const { destination, batches } = createBatches();
    batches.write('a\n');
    batches.write('b\n');
    expect(destination.write).not.toHaveBeenCalled();
    await nextLoopIteration();
    batches.write('c\n');
    await nextLoopIteration();
    expect(destination.write.mock.calls).toEqual([['a\nb\n'], ['c\n']]);
  });

  it('writes at once when it has collected much, and on request', () => {
    const { destination, batches } = createBatches();
    const long = `${'x'.repeat(70_000)}\n`;
    batches.write(long);
    expect(destination.write.mock.calls).toEqual([[long]]);
    batches.write('last\n');
    batches.flushSync();
    expect(destination.write).toHaveBeenLastCalledWith('last\n');
    expect(destination.flushSync).toHaveBeenCalled();
  });

  it('writes the last lines when the process exits', () => {
    const listen = jest.spyOn(process, 'prependOnceListener');
    const { destination, batches } = createBatches();
    const [event, onExit] = listen.mock.lastCall as unknown as [string, () => void];
    batches.write('last\n');
    expect(event).toBe('exit');
    onExit();
    expect(destination.write).toHaveBeenCalledWith('last\n');
  });
});
