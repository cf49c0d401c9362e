import { Logger } from '@nestjs/common';
import type { Measurements } from '../common/measurements';
import type { PeriodicWork } from '../common/periodic-work';
import { ProcessingControl } from './processing-control';
import type { SharedProcessingState, SharedState } from './shared-processing-state';

const RUNNING: SharedState = { isPaused: false, changes: 0 };
const PAUSED: SharedState = { isPaused: true, changes: 1 };

function createControl() {
  let now = 0;
  let gauge = (): number | undefined => undefined;
  const read = jest.fn<Promise<SharedState>, []>().mockResolvedValue(RUNNING);
  const pause = jest.fn<Promise<SharedState | undefined>, [number]>();
  const control = new ProcessingControl(
    { read, pause } as unknown as SharedProcessingState,
    { monotonicMs: () => now },
    {} as PeriodicWork,
    { provide: (_: string, value: typeof gauge) => (gauge = value) } as unknown as Measurements,
  );
  const advance = (ms: number) => (now += ms);
  return { control, read, pause, advance, gauge: () => gauge() };
}

describe('ProcessingControl', () => {
  beforeAll(() => Logger.overrideLogger(false));

  it('reads the state again when it is older than 1.5 s', async () => {
    const { control, read, advance } = createControl();
    expect(await control.isPaused()).toBe(false);
    advance(1_500);
    expect(await control.isPaused()).toBe(false);
    expect(read).toHaveBeenCalledTimes(1);
    read.mockResolvedValue(PAUSED);
    advance(1);
    expect(await control.isPaused()).toBe(true);
  });

  it('reads the state again when a reading took longer than 1.5 s', async () => {
    const { control, read, advance } = createControl();
    read.mockImplementationOnce(() => {
      advance(3_000);
      return Promise.resolve(RUNNING);
    });
    read.mockResolvedValueOnce(PAUSED);
    expect(await control.isPaused()).toBe(true);
  });

  it('does not return a state while each reading takes longer than 1.5 s', async () => {
    const { control, read, advance } = createControl();
    read.mockImplementation(() => {
      advance(3_000);
      return Promise.resolve(RUNNING);
    });
    await expect(control.isPaused()).rejects.toThrow('was not read in time');
  });

  it('reports a state to metrics for a minute after it was read', async () => {
    const { control, gauge, read, advance } = createControl();
    expect(gauge()).toBeUndefined();
    read.mockResolvedValue(PAUSED);
    await control.isPaused();
    advance(60_000);
    expect(gauge()).toBe(1);
    advance(1);
    expect(gauge()).toBeUndefined();
  });
});
