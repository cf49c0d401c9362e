import { Module } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { GuessLimits } from './guess-limits';
import { OneInFlight } from './one-in-flight';
import { ProcessCounters } from './process-counters';
import { RateLimitCounters } from './rate-limit-counters';
import { RedisCounters } from './redis-counters';
import { RequestLimits } from './request-limits';
import { SubjectKeys } from './subject-keys';

@Module({
  providers: [
    ProcessCounters,
    {
      provide: RateLimitCounters,
      inject: [AppConfig, ProcessCounters],
      useFactory: ({ rateLimits }: AppConfig, inProcess: ProcessCounters) =>
        rateLimits.enabled && rateLimits.redisUrl !== undefined
          ? new RedisCounters(rateLimits.redisUrl, inProcess)
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
