import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Measurements } from '../common/measurements';
import { GUESS_POLICY } from './guess-policy';
import type { ProcessCounters } from './process-counters';
import type {
  GuessKeys,
  GuessStart,
  RateLimitCounters,
  RequestWindow,
} from './rate-limit-counters';
import { RedisConnection } from './redis-connection';

/** Counts in Redis, shared with other instances, and in this process while Redis is unavailable. */
export class RedisCounters implements RateLimitCounters, OnModuleInit, OnApplicationShutdown {
  private readonly connection: RedisConnection;

  constructor(
    url: string,
    private readonly fallback: ProcessCounters,
    measurements: Measurements,
  ) {
    this.connection = new RedisConnection(url);
    measurements.provide('redis_up', () => Number(this.connection.isAvailable));
  }

  /** Connects before the first request, which this process would otherwise count. */
  async onModuleInit(): Promise<void> {
    await this.connection.open();
  }

  onApplicationShutdown(): void {
    this.connection.close();
  }

  async countRequest(key: string, windowMs: number): Promise<RequestWindow> {
    const reply = await this.connection.execute((redis) => redis.countRequest(key, windowMs));
    if (!reply) return this.fallback.countRequest(key, windowMs);
    const [requests, remainingMs] = reply;
    return { requests, remainingMs };
  }

  async startGuess(keys: GuessKeys): Promise<GuessStart> {
    const { target, address, pair } = keys;
    const reply = await this.connection.execute((redis) => redis.startGuess(target, address, pair));
    if (!reply) return this.fallback.startGuess(keys);
    const [startedAt, isKnown, waitMs] = reply;
    return { startedAt, isKnown: isKnown === 1, waitMs };
  }

  async settleGuess(keys: GuessKeys, start: GuessStart, isRight: boolean): Promise<number> {
    const { target, address, pair } = keys;
    const settings = [start.startedAt, Number(start.isKnown), Number(isRight), ...POLICY];
    const reply = await this.connection.execute((redis) =>
      redis.settleGuess(target, address, pair, ...settings),
    );
    return reply ?? this.fallback.settleGuess(keys, start, isRight);
  }
}

/** In the order of the arguments of the script. */
const POLICY = [
  GUESS_POLICY.allowedFailures,
  GUESS_POLICY.firstDelayMs,
  GUESS_POLICY.longestDelayOfTargetMs,
  GUESS_POLICY.longestDelayOfAddressMs,
  GUESS_POLICY.forgetAfterMs,
  GUESS_POLICY.rememberAddressMs,
];
