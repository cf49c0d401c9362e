import type { ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { RequestQuota } from './limit-by-address.decorator';

const UserQuota = Reflector.createDecorator<RequestQuota>();

/**
 * Limits the requests of one user to a protected route, in addition to the limit over all routes.
 * Each route has its own counter.
 */
export const LimitByUser = (quota: RequestQuota): MethodDecorator => UserQuota(quota);

/** @returns undefined for a route without {@link LimitByUser} */
export function userQuotaOf(
  reflector: Reflector,
  context: ExecutionContext,
): RequestQuota | undefined {
  return reflector.get(UserQuota, context.getHandler());
}
