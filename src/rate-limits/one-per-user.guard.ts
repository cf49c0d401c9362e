import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { OnePerUser, type OnePerUserLimit } from '../api/one-per-user.decorator';
import { Measurements } from '../common/measurements';
import { RateLimitedError, ServiceUnavailableError } from '../errors/common.errors';
import { IN_FLIGHT } from './one-in-flight';

/** Responses of these routes may take minutes. */
const RETRY_AFTER_SECONDS = 60;

/**
 * Enforces {@link OnePerUser} on this instance, with `RATE_LIMIT_ENABLED=false` too. Runs after the guard
 * that sets the user.
 */
@Injectable()
export class OnePerUserGuard implements CanActivate {
  /** The users who are being served, by group. */
  private readonly served = new Map<string, Set<number>>();

  constructor(
    private readonly reflector: Reflector,
    private readonly measurements: Measurements,
  ) {}

  /**
   * @throws RateLimitedError while another request of the user is served
   * @throws ServiceUnavailableError while the instance serves as many as it may
   */
  canActivate(context: ExecutionContext): boolean {
    // Undefined for a route without the decorator.
    const limit: OnePerUserLimit | undefined = this.reflector.get(OnePerUser, context.getHandler());
    const http = context.switchToHttp();
    const { user } = http.getRequest<Request>();
    if (!limit || !user) return true;
    const response = http.getResponse<Response>();
    const users = this.usersOf(limit.group);
    if (users.has(user.id)) {
      this.measurements.requestRejected(IN_FLIGHT.policy);
      const detail = 'Another request of this kind is in progress';
      throw new RateLimitedError(RETRY_AFTER_SECONDS, detail, IN_FLIGHT);
    }
    // A client that has disconnected before would never free its place.
    const isFull = users.size >= limit.perInstance;
    if (isFull || response.destroyed) throw new ServiceUnavailableError(RETRY_AFTER_SECONDS);
    users.add(user.id);
    response.once('close', () => users.delete(user.id));
    return true;
  }

  /** The groups are those of the code. */
  private usersOf(group: string): Set<number> {
    const users = this.served.get(group) ?? new Set();
    this.served.set(group, users);
    return users;
  }
}
