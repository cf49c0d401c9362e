import type { Clock } from '../common/clock';
import { MAX_COUNTERS, ProcessCounters } from './process-counters';

describe('ProcessCounters', () => {
  const clock: Clock = { monotonicMs: () => 1_000 };
  const counters = () => new ProcessCounters(clock);
  const keysOf = (name: string) => ({
    target: `target ${name}`,
    address: `address ${name}`,
    pair: `pair ${name}`,
  });

  /** @returns how long the next guess is rejected, in milliseconds */
  const fail = async (counters: ProcessCounters, name: string, times = 1) => {
    const keys = keysOf(name);
    for (let time = 0; time < times; time++) {
      await counters.settleGuess(keys, await counters.startGuess(keys), false);
    }
    return (await counters.startGuess(keys)).waitMs;
  };

  it('evicts the least recently used window when it is full', async () => {
    const full = counters();
    expect(await full.countRequest('first', 1e9)).toMatchObject({ requests: 1 });
    expect(await full.countRequest('first', 1e9)).toMatchObject({ requests: 2 });
    for (let key = 0; key < MAX_COUNTERS; key++) await full.countRequest(`other ${key}`, 1e9);
    expect(await full.countRequest('first', 1e9)).toMatchObject({ requests: 1 });
  });

  it('keeps failures while requests evict windows', async () => {
    const full = counters();
    await fail(full, 'john', 5);
    for (let key = 0; key < MAX_COUNTERS; key++) await full.countRequest(`other ${key}`, 1e9);
    expect((await full.startGuess(keysOf('john'))).waitMs).toBeGreaterThan(0);
  });

  it('evicts the least recently used failures when it is full', async () => {
    const full = counters();
    expect(await fail(full, 'john', 5)).toBeGreaterThan(0);
    for (let key = 0; key < MAX_COUNTERS; key++) await fail(full, `other ${key}`);
    expect((await full.startGuess(keysOf('john'))).waitMs).toBe(0);
  });

  it('creates no counter for a guess that is not settled', async () => {
    const full = counters();
    await fail(full, 'john', 5);
    for (let key = 0; key < MAX_COUNTERS; key++) await full.startGuess(keysOf(`other ${key}`));
    expect((await full.startGuess(keysOf('john'))).waitMs).toBeGreaterThan(0);
  });
});
