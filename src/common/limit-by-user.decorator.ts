import { Throttle } from '@nestjs/throttler';
import type { RequestQuota } from './limit-by-address.decorator';

/** The throttler that counts by user and route; routes without the decorator below have no such limit. */
export const USER_AND_ROUTE_THROTTLER = 'user-and-route';

/**
 * Limits how often one user may ask for a protected route, besides the limit of all routes together.
 * Each route is counted on its own.
 */
export const LimitByUser = ({ limit, windowSeconds }: RequestQuota): MethodDecorator =>
  Throttle({ [USER_AND_ROUTE_THROTTLER]: { limit, ttl: windowSeconds * 1_000 } });
