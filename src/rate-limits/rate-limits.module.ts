import { Module } from '@nestjs/common';
import { Measurements } from '../common/measurements';
import { AppConfig } from '../config/app-config';
import { GuessLimits } from './guess-limits';
import { OneInFlight } from './one-in-flight';
import { ProcessCounters } from './process-counters';
import { RateLimitCounters } from './rate-limit-counters';
import { RequestLimits } from './request-limits';
import { SubjectKeys } from './subject-keys';

@Module({
  providers: [
    ProcessCounters,
    {
      provide: RateLimitCounters,
      inject: [AppConfig, ProcessCounters, Measurements],
      useFactory: (
        { rateLimits }: AppConfig,
        inProcess: ProcessCounters,
        measurements: Measurements,
      ) =>
        rateLimits.enabled && rateLimits.redisUrl !== undefined
          ? createRedisCounters(rateLimits.redisUrl, inProcess, measurements)
          : inProcess,
    },
    SubjectKeys,
    GuessLimits,
    OneInFlight,
    RequestLimits,
  ],
  exports: [GuessLimits, OneInFlight, RequestLimits, SubjectKeys],
})
export class RateLimitsModule {}

/** Loads the client of Redis only where it is used. */
function createRedisCounters(
  ...args: ConstructorParameters<typeof import('./redis-counters').RedisCounters>
): RateLimitCounters {
  const { RedisCounters } = require('./redis-counters') as typeof import('./redis-counters');
  return new RedisCounters(...args);
}
