import { Module } from '@nestjs/common';
import { getOptionsToken, getStorageToken } from '@nestjs/throttler';
import { AppConfig } from '../config/app-config';
import { GuessLimits } from './guess-limits';
import { OneInFlight } from './one-in-flight';
import { ProcessCounters } from './process-counters';
import { throttlers } from './rate-limit.guard';
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
    // What the guard of @nestjs/throttler asks for; its own module would bring another storage.
    { provide: getOptionsToken(), useFactory: throttlers },
    { provide: getStorageToken(), useExisting: RateLimitCounters },
  ],
  exports: [
    GuessLimits,
    OneInFlight,
    RequestLimits,
    SubjectKeys,
    getOptionsToken(),
    getStorageToken(),
  ],
})
export class RateLimitsModule {}
