import { Clock } from '../../../src/common/clock';
import { NoMeasurements } from '../../../src/common/measurements';
import { ProcessCounters } from '../../../src/rate-limits/process-counters';
import type { GuessKeys, GuessStart } from '../../../src/rate-limits/rate-limit-counters';
import { RedisCounters } from '../../../src/rate-limits/redis-counters';
import { FAULTS } from '../../support/fault-settings';
import { repeatIfStalled } from '../../support/repeat-if-stalled';
import { SeededRandom } from '../../support/seeded-random';
import { TestRedis } from '../../support/test-redis';

const ROUNDS = 50;
const STEPS = 60;

describe('Counters in Redis', () => {
  let random: SeededRandom;
  const happens = (percent: number) => random.integer(1, 100) <= percent;

  let redis: TestRedis;
  let inRedis: RedisCounters;
  let inProcess: ProcessCounters;

  /** A stall passes between two clocks, and can exceed the time limit of a command. */
  const compare = (seed: number, scenario: () => Promise<void>) =>
    repeatIfStalled(async () => {
      random = new SeededRandom(seed);
      await start();
      try {
        await scenario();
      } finally {
        inRedis.onApplicationShutdown();
        await redis.stop();
      }
    });

  const start = async () => {
    redis = await TestRedis.start();
    inProcess = new ProcessCounters(new Clock());
    inRedis = new RedisCounters(redis.url, new ProcessCounters(new Clock()), new NoMeasurements());
    await inRedis.onModuleInit();
  };

  /** One of two targets from one of two addresses. */
  const anyKeys = (): GuessKeys => {
    const [target, address] = [random.integer(1, 2), random.integer(1, 2)];
    return {
      target: `target ${target}`,
      address: `address ${address}`,
      pair: `pair ${target} ${address}`,
    };
  };

  it('delay guesses like the counters of a process, in any order of guesses and outcomes', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      await compare(FAULTS.seed + round, async () => {
        await guessInAnyOrder();
        // Otherwise Redis was unavailable, and its fallback was compared.
        expect((await redis.entries()).length).toBeGreaterThan(1);
      });
    }
  });

  const guessInAnyOrder = async () => {
    const open: { keys: GuessKeys; starts: GuessStart[] }[] = [];
    for (let step = 0; step < STEPS; step++) {
      const at = `seed ${random.seed}, step ${step}`;
      if (open.length === 0 || happens(50)) {
        const keys = anyKeys();
        const starts = [await inProcess.startGuess(keys), await inRedis.startGuess(keys)];
        const [expected, actual] = starts.map(({ isKnown, waitMs }) => ({
          at,
          isKnown,
          wait: inSeconds(waitMs),
        }));
        expect(actual).toEqual(expected);
        // Half of the guesses appear to begin after all delays, so that delays grow.
        if (happens(50)) for (const start of starts) Object.assign(start, { startedAt: 1e15 });
        open.push({ keys, starts });
      } else {
        const [guess] = open.splice(random.integer(0, open.length - 1), 1);
        const { keys, starts } = guess!;
        const isRight = happens(5);
        const expected = await inProcess.settleGuess(keys, starts[0]!, isRight);
        const actual = await inRedis.settleGuess(keys, starts[1]!, isRight);
        expect({ at, wait: inSeconds(actual) }).toEqual({ at, wait: inSeconds(expected) });
      }
    }
  };

  it('count requests like the counters of a process', () =>
    compare(FAULTS.seed, async () => {
      for (let request = 1; request <= 5; request++) {
        for (const counters of [inProcess, inRedis]) {
          const { requests, remainingMs } = await counters.countRequest('window', 10_000);
          expect({ requests, seconds: inSeconds(remainingMs) }).toEqual({
            requests: request,
            seconds: 10,
          });
        }
      }
      expect(await redis.entries()).toEqual([
        { key: 'window', type: 'string', ttlMs: expect.any(Number) },
      ]);
    }));
});

function inSeconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1_000);
}
