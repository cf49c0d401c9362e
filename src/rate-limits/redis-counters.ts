import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { GUESS_POLICY } from './guess-policy';
import type { ProcessCounters } from './process-counters';
import {
  type GuessKeys,
  type GuessStart,
  RateLimitCounters,
  type RequestCount,
  toRequestCount,
} from './rate-limit-counters';
import { RedisConnection } from './redis-connection';

/** Counts in Redis, together with other instances, and in this process while Redis is away. */
export class RedisCounters
  extends RateLimitCounters
  implements OnModuleInit, OnApplicationShutdown
{
  private readonly connection: RedisConnection;

  constructor(
    url: string,
    private readonly fallback: ProcessCounters,
  ) {
    super();
    this.connection = new RedisConnection(url);
  }

  /** Before the first request, which would otherwise be counted by this process. */
  async onModuleInit(): Promise<void> {
    await this.connection.open();
  }

  onApplicationShutdown(): void {
    this.connection.close();
  }

  async increment(key: string, windowMs: number, limit: number): Promise<RequestCount> {
    const reply = await this.connection.ask((redis) => redis.countHit(key, windowMs));
    return reply ? toRequestCount(...reply, limit) : this.fallback.increment(key, windowMs, limit);
  }

  async startGuess(keys: GuessKeys): Promise<GuessStart> {
    const { target, address, pair } = keys;
    const reply = await this.connection.ask((redis) => redis.startGuess(target, address, pair));
    if (!reply) return this.fallback.startGuess(keys);
    const [startedAt, isKnown, waitMs] = reply;
    return { startedAt, isKnown: isKnown === 1, waitMs };
  }

  async settleGuess(keys: GuessKeys, start: GuessStart, isRight: boolean): Promise<number> {
    const { target, address, pair } = keys;
    const settings = [start.startedAt, Number(start.isKnown), Number(isRight), ...POLICY];
    const reply = await this.connection.ask((redis) =>
      redis.settleGuess(target, address, pair, ...settings),
    );
    return reply ?? this.fallback.settleGuess(keys, start, isRight);
  }
}

/** In the order in which the script takes them. */
const POLICY = [
  GUESS_POLICY.allowedFailures,
  GUESS_POLICY.firstDelayMs,
  GUESS_POLICY.longestDelayOfTargetMs,
  GUESS_POLICY.longestDelayOfAddressMs,
  GUESS_POLICY.forgetAfterMs,
  GUESS_POLICY.rememberAddressMs,
];
