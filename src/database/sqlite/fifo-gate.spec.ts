import { FifoGate } from './fifo-gate';

describe('FifoGate', () => {
  const gateWaiting = (maxWaitMs: number) => new FifoGate(maxWaitMs, () => new Error('timed out'));

  it('lets one holder at a time pass, in order of arrival', async () => {
    const gate = gateWaiting(1_000);
    const log: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        const leave = await gate.enter();
        log.push(`${name} in`);
        await new Promise(setImmediate);
        log.push(`${name} out`);
        leave();
      }),
    );
    expect(log).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out']);
  });

  it('does not let a newcomer in before those who wait', async () => {
    const gate = gateWaiting(1_000);
    const order: string[] = [];
    const leaveFirst = await gate.enter();
    const waiting = gate.enter().then((leave) => (order.push('waiting'), leave()));
    leaveFirst();
    const newcomer = gate.enter().then((leave) => (order.push('newcomer'), leave()));
    await Promise.all([waiting, newcomer]);
    expect(order).toEqual(['waiting', 'newcomer']);
  });

  it('rejects a caller that waited too long, and stays usable', async () => {
    const gate = gateWaiting(10);
    const leave = await gate.enter();
    await expect(gate.enter()).rejects.toThrow('timed out');
    leave();
    await expect(gate.enter()).resolves.toBeInstanceOf(Function);
  });

  it('ignores a second leave, so that it cannot let two in', async () => {
    const gate = gateWaiting(10);
    const leave = await gate.enter();
    leave();
    await gate.enter();
    leave();
    await expect(gate.enter()).rejects.toThrow('timed out');
  });

  it('admits as many holders at a time as it has places', async () => {
    const gate = new FifoGate(10, () => new Error('timed out'), 2);
    const [leave] = await Promise.all([gate.enter(), gate.enter()]);
    expect(gate.tryEnter()).toBeUndefined();
    const third = gate.enter();
    expect(gate.waitingCount).toBe(1);
    leave();
    const leaveThird = await third;
    await expect(gate.enter()).rejects.toThrow('timed out');
    leaveThird();
    expect(gate.tryEnter()).toBeDefined();
  });
});
