import { Clock } from '../../../src/common/clock';
import { ProcessCounters } from '../../../src/rate-limits/process-counters';
import type { GuessKeys, GuessStart } from '../../../src/rate-limits/rate-limit-counters';
import { RedisCounters } from '../../../src/rate-limits/redis-counters';
import { FAULTS } from '../../support/fault-settings';
import { SeededRandom } from '../../support/seeded-random';
import { TestRedis } from '../../support/test-redis';

const ROUNDS = 50;
const STEPS = 60;

describe('counters in Redis', () => {
  const random = new SeededRandom(FAULTS.seed);
  const happens = (percent: number) => random.integer(1, 100) <= percent;

  let redis: TestRedis;
  let inRedis: RedisCounters;
  let inProcess: ProcessCounters;

  beforeEach(async () => {
    redis = await TestRedis.start();
    inProcess = new ProcessCounters(new Clock());
    inRedis = new RedisCounters(redis.url, new ProcessCounters(new Clock()));
    await inRedis.onModuleInit();
  });

  afterEach(async () => {
    inRedis.onApplicationShutdown();
    await redis.stop();
  });

  /** One of two targets from one of two addresses. */
  const anyKeys = (round: number): GuessKeys => {
    const [target, address] = [random.integer(1, 2), random.integer(1, 2)];
    return {
      target: `${round} target ${target}`,
      address: `${round} address ${address}`,
      pair: `${round} pair ${target} ${address}`,
    };
  };

  it('judge guesses as those of a process do, in whatever order they come', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const open: { keys: GuessKeys; starts: GuessStart[] }[] = [];
      for (let step = 0; step < STEPS; step++) {
        const at = `seed ${random.seed}, round ${round}, step ${step}`;
        if (open.length === 0 || happens(50)) {
          const keys = anyKeys(round);
          const starts = [await inProcess.startGuess(keys), await inRedis.startGuess(keys)];
          const [expected, given] = starts.map(({ isKnown, waitMs }) => ({
            at,
            isKnown,
            wait: inSeconds(waitMs),
          }));
          expect(given).toEqual(expected);
          // Some count as if they had begun after the end of every delay, so that delays grow.
          if (happens(50)) for (const start of starts) Object.assign(start, { startedAt: 1e15 });
          open.push({ keys, starts });
        } else {
          const [guess] = open.splice(random.integer(0, open.length - 1), 1);
          const { keys, starts } = guess!;
          const isRight = happens(5);
          const expected = await inProcess.settleGuess(keys, starts[0]!, isRight);
          const given = await inRedis.settleGuess(keys, starts[1]!, isRight);
          expect({ at, wait: inSeconds(given) }).toEqual({ at, wait: inSeconds(expected) });
        }
      }
    }
    // Had it been away, its fallback would have been compared.
    expect((await redis.entries()).length).toBeGreaterThan(ROUNDS);
  });

  it('count requests as those of a process do', async () => {
    for (let request = 1; request <= 5; request++) {
      const expected = await inProcess.increment('window', 10_000, 3);
      expect(await inRedis.increment('window', 10_000, 3)).toEqual(expected);
    }
    expect(await redis.entries()).toEqual([
      { key: 'window', type: 'string', ttlMs: expect.any(Number) },
    ]);
  });
});

function inSeconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1_000);
}
