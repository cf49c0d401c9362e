import { Reflector } from '@nestjs/core';
import type { RequestQuota } from './limit-by-address.decorator';

/**
 * Limits the requests of one user to a protected route, in addition to the limit over all routes.
 * Each route has its own counter.
 */
export const LimitByUser = Reflector.createDecorator<RequestQuota>();
