import { Injectable } from '@nestjs/common';
import { Measurements } from '../common/measurements';
import type { RateLimit } from '../common/rate-limit-headers';
import { AppConfig } from '../config/app-config';
import { RateLimitedError } from '../errors/common.errors';

/** The limit of one request at a time, of any kind. */
export const IN_FLIGHT: RateLimit = { policy: 'in-flight', quota: 1 };

/** Allows one request per subject at a time, on this instance. */
@Injectable()
export class OneInFlight {
  private readonly running = new Set<string>();
  private readonly isEnabled: boolean;

  constructor(
    private readonly measurements: Measurements,
    { rateLimits }: AppConfig,
  ) {
    this.isEnabled = rateLimits.enabled;
  }

  /**
   * @param subject such as `password:17`
   * @throws RateLimitedError while other work of the subject is running
   */
  async run<T>(subject: string, work: () => Promise<T>): Promise<T> {
    if (!this.isEnabled) return work();
    if (this.running.has(subject)) {
      this.measurements.requestRejected(IN_FLIGHT.policy);
      throw new RateLimitedError(1, 'Another request of this kind is in progress', IN_FLIGHT);
    }
    this.running.add(subject);
    try {
      return await work();
    } finally {
      this.running.delete(subject);
    }
  }
}
