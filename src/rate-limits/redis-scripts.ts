import type { RedisOptions, Result } from 'ioredis';

/**
 * Do the same as `ProcessCounters`, by the clock of Redis, which all instances share. Each script is
 * atomic and takes one round trip.
 */
export const REDIS_SCRIPTS = {
  /** KEYS: window; ARGV: its length in ms. Returns its requests and its remaining time in ms. */
  countRequest: {
    numberOfKeys: 1,
    lua: `
      local requests = redis.call('INCR', KEYS[1])
      local remaining = redis.call('PTTL', KEYS[1])
      if remaining < 0 then
        redis.call('PEXPIRE', KEYS[1], ARGV[1])
        remaining = tonumber(ARGV[1])
      end
      return { requests, remaining }`,
  },

  /** KEYS: target, address, pair. Returns the time in ms, 1 if the pair is known, the wait in ms. */
  startGuess: {
    numberOfKeys: 3,
    lua: `
      local time = redis.call('TIME')
      local now = time[1] * 1000 + math.floor(time[2] / 1000)
      local known = redis.call('EXISTS', KEYS[3])
      local blocked_until = tonumber(redis.call('HGET', KEYS[2], 'blocked_until') or 0)
      if known == 0 then
        blocked_until = math.max(blocked_until, redis.call('HGET', KEYS[1], 'blocked_until') or 0)
      end
      return { now, known, math.max(0, blocked_until - now) }`,
  },

  /**
   * KEYS: target, address, pair; ARGV: start of the guess in ms, 1 if the pair was known, 1 if the
   * guess is right, and the policy in the order of `RedisCounters`. Returns the wait in ms.
   */
  settleGuess: {
    numberOfKeys: 3,
    lua: `
      local started_at, known, is_right = tonumber(ARGV[1]), ARGV[2] == '1', ARGV[3] == '1'
      local allowed, first_delay = tonumber(ARGV[4]), tonumber(ARGV[5])
      local target_delay, address_delay = tonumber(ARGV[6]), tonumber(ARGV[7])
      local forget_after, remember = tonumber(ARGV[8]), ARGV[9]
      local time = redis.call('TIME')
      local now = time[1] * 1000 + math.floor(time[2] / 1000)

      local blocked_until = tonumber(redis.call('HGET', KEYS[2], 'blocked_until') or 0)
      if not known then
        blocked_until = math.max(blocked_until, redis.call('HGET', KEYS[1], 'blocked_until') or 0)
      end
      if blocked_until > started_at then return math.max(1, blocked_until - now) end

      if is_right then
        if not known then redis.call('DEL', KEYS[1]) end
        redis.call('SET', KEYS[3], 1, 'PX', remember)
        return 0
      end

      local function count_failure(key, longest_delay)
        local failures = redis.call('HINCRBY', key, 'count', 1)
        if failures >= allowed then
          local delay = math.min(longest_delay, first_delay * 2 ^ (failures - allowed))
          redis.call('HSET', key, 'blocked_until', now + delay)
        end
        redis.call('PEXPIRE', key, forget_after)
      end
      if not known then count_failure(KEYS[1], target_delay) end
      count_failure(KEYS[2], address_delay)
      return 0`,
  },
} as const satisfies RedisOptions['scripts'];

declare module 'ioredis' {
  interface RedisCommander<Context> {
    countRequest(
      key: string,
      windowMs: number,
    ): Result<[requests: number, remainingMs: number], Context>;
    startGuess(
      target: string,
      address: string,
      pair: string,
    ): Result<[startedAt: number, isKnown: number, waitMs: number], Context>;
    settleGuess(
      target: string,
      address: string,
      pair: string,
      ...settings: number[]
    ): Result<number, Context>;
  }
}
