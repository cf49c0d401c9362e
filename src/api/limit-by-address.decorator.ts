import { applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { Throttle } from '@nestjs/throttler';

/** How many requests are accepted in a window of time. */
export interface RequestQuota {
  readonly limit: number;
  readonly windowSeconds: number;
}

/** Marks the operations that are limited by address until the OpenAPI document is complete. */
export const LIMITED_OPERATION = 'x-limited';

/** The throttler that counts by address; routes without the decorator below have no such limit. */
export const ADDRESS_THROTTLER = 'address';

/** Limits how often one address may ask for a public route. Each route is counted on its own. */
export const LimitByAddress = ({ limit, windowSeconds }: RequestQuota): MethodDecorator =>
  applyDecorators(
    Throttle({ [ADDRESS_THROTTLER]: { limit, ttl: windowSeconds * 1_000 } }),
    ApiExtension(LIMITED_OPERATION, true),
  );
