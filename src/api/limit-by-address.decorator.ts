import { type ExecutionContext, applyDecorators } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';

/** How many requests are accepted in a window of time. */
export interface RequestQuota {
  readonly limit: number;
  readonly windowSeconds: number;
}

/** Marks the operations with a limit by address until the OpenAPI document is complete. */
export const LIMITED_OPERATION = 'x-limited';

const AddressQuota = Reflector.createDecorator<RequestQuota>();

/** Limits the requests of one address to a public route. Each route has its own counter. */
export const LimitByAddress = (quota: RequestQuota): MethodDecorator =>
  applyDecorators(AddressQuota(quota), ApiExtension(LIMITED_OPERATION, true));

/** @returns undefined for a route without {@link LimitByAddress} */
export function addressQuotaOf(
  reflector: Reflector,
  context: ExecutionContext,
): RequestQuota | undefined {
  return reflector.get(AddressQuota, context.getHandler());
}
