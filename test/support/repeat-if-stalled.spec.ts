import { repeatIfStalled } from './repeat-if-stalled';

function standStill(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
}

describe('repeatIfStalled', () => {
  it('repeats a scenario that fails while the process stands still', async () => {
    let attempts = 0;
    await repeatIfStalled(async () => {
      if (++attempts > 2) return;
      standStill();
      throw new Error('late');
    });
    expect(attempts).toBe(3);
  });

  it('fails after the third attempt', async () => {
    let attempts = 0;
    const scenario = repeatIfStalled(async () => {
      attempts++;
      standStill();
      throw new Error('late');
    });
    await expect(scenario).rejects.toThrow('late');
    expect(attempts).toBe(3);
  });

  it('repeats no scenario that succeeds', async () => {
    let attempts = 0;
    await repeatIfStalled(async () => {
      attempts++;
      standStill();
    });
    expect(attempts).toBe(1);
  });

  it('fails at once without a stall', async () => {
    let attempts = 0;
    const scenario = repeatIfStalled(async () => {
      attempts++;
      throw new Error('wrong');
    });
    await expect(scenario).rejects.toThrow('wrong');
    expect(attempts).toBe(1);
  });
});
