import { Reflector } from '@nestjs/core';

/** Routes that serve one request of a user at a time. */
export interface OnePerUserLimit {
  /** Routes of the same group are limited together. */
  readonly group: string;
  /** How many requests one instance serves at the same time, of all users. */
  readonly perInstance: number;
}

/**
 * For protected routes whose responses may take minutes. Further requests are rejected instead of
 * waiting. One that is served takes no place among the simultaneous requests of its user to other routes.
 */
export const OnePerUser = Reflector.createDecorator<OnePerUserLimit>();
