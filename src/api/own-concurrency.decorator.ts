import { Reflector } from '@nestjs/core';

/**
 * For protected routes whose responses go on until the client ends them, and that limit their number
 * themselves. They take no place among the simultaneous requests of their user.
 */
export const OwnConcurrency = Reflector.createDecorator<true>();
