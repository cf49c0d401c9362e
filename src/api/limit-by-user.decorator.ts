import { Throttle } from '@nestjs/throttler';
import type { RequestQuota } from './limit-by-address.decorator';

/** The throttler that counts one route by user; routes without the decorator have no such limit. */
export const USER_ROUTE_THROTTLER = 'user-route';

/**
 * Limits how often one user may send requests to a protected route, beside the limit over all routes.
 * Each route is counted on its own.
 */
export const LimitByUser = ({ limit, windowSeconds }: RequestQuota): MethodDecorator =>
  Throttle({ [USER_ROUTE_THROTTLER]: { limit, ttl: windowSeconds * 1_000 } });
