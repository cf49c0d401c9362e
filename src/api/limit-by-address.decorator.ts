import { applyDecorators } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';

/** How many requests are accepted in a window of time. */
export interface RequestQuota {
  readonly limit: number;
  readonly windowSeconds: number;
}

/** Marks the operations with a limit by address until the OpenAPI document is complete. */
export const LIMITED_OPERATION = 'x-limited';

/** The quota that {@link LimitByAddress} sets. */
export const AddressQuota = Reflector.createDecorator<RequestQuota>();

/** Limits the requests of one address to a public route. Each route has its own counter. */
export const LimitByAddress = (quota: RequestQuota): MethodDecorator =>
  applyDecorators(AddressQuota(quota), ApiExtension(LIMITED_OPERATION, true));
