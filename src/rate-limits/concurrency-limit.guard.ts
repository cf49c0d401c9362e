import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { OnePerUser } from '../api/one-per-user.decorator';
import { OwnConcurrency } from '../api/own-concurrency.decorator';
import { Measurements } from '../common/measurements';
import { type Release, Semaphore } from '../common/semaphore';
import { AppConfig } from '../config/app-config';
import { RateLimitedError, ServiceUnavailableError } from '../errors/common.errors';

/** Bounds of the requests of one user on one instance. */
export const CONCURRENCY = {
  /** Fewer when the database pool is small. */
  maxServed: 8,
  maxWaiting: 300,
  /** Shorter than the timeouts of common clients. */
  maxWaitMs: 10_000,
  /** The longest time that a request whose client has disconnected keeps its place. */
  maxAbandonedMs: 10_000,
} as const;

const POLICY = 'user-concurrency';

/**
 * Bounds how many requests of one user are served at the same time. Further requests wait in order of
 * arrival, so that a burst of one user leaves database connections to the others. Applies with
 * `RATE_LIMIT_ENABLED=false` too, but not to routes with {@link OnePerUser} or {@link OwnConcurrency}. Runs
 * after the guard that sets the user.
 */
@Injectable()
export class ConcurrencyLimitGuard implements CanActivate {
  /** The semaphores in use, by the id of the user. */
  private readonly semaphores = new Map<number, Semaphore>();
  private readonly maxServed: number;

  constructor(
    { database: { target } }: AppConfig,
    private readonly measurements: Measurements,
    private readonly reflector: Reflector,
  ) {
    // Less than half of the pool, so that two users cannot occupy all connections.
    const share = target.kind === 'postgres' ? Math.floor((target.poolSize - 1) / 2) : Infinity;
    this.maxServed = Math.max(1, Math.min(CONCURRENCY.maxServed, share));
  }

  /**
   * @throws RateLimitedError when too many requests of the user are waiting
   * @throws ServiceUnavailableError when the request has waited too long
   */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const http = context.switchToHttp();
    const { user } = http.getRequest<Request>();
    if (!user || hasOwnLimit(this.reflector, context)) return true;
    const response = http.getResponse<Response>();
    const semaphore = this.semaphoreOf(user.id);
    const release = semaphore.tryAcquire();
    if (!release) return this.waitForTurn(user.id, semaphore, response);
    this.freeWhenResponseEnds(user.id, semaphore, release, response);
    return true;
  }

  private async waitForTurn(
    userId: number,
    semaphore: Semaphore,
    response: Response,
  ): Promise<boolean> {
    if (semaphore.waitingCount >= CONCURRENCY.maxWaiting) {
      this.measurements.requestRejected(POLICY);
      throw new RateLimitedError(1, 'Too many requests at the same time', {
        policy: POLICY,
        quota: this.maxServed + CONCURRENCY.maxWaiting,
      });
    }
    const release = await semaphore.acquire();
    this.freeWhenResponseEnds(userId, semaphore, release, response);
    // The client has disconnected while the request waited.
    if (response.destroyed) throw new ServiceUnavailableError();
    return true;
  }

  private semaphoreOf(userId: number): Semaphore {
    let semaphore = this.semaphores.get(userId);
    if (!semaphore) {
      const { maxWaitMs } = CONCURRENCY;
      semaphore = new Semaphore(maxWaitMs, () => new ServiceUnavailableError(), this.maxServed);
      this.semaphores.set(userId, semaphore);
    }
    return semaphore;
  }

  /**
   * Frees the place when the response ends. After a disconnect the place stays taken until then, because
   * the work continues; otherwise a client could exceed the limit by disconnecting early.
   */
  private freeWhenResponseEnds(
    userId: number,
    semaphore: Semaphore,
    release: Release,
    response: Response,
  ) {
    const free = () => {
      release();
      const isCurrent = this.semaphores.get(userId) === semaphore;
      if (semaphore.isUnused && isCurrent) this.semaphores.delete(userId);
    };
    // In the next turn of the event loop, in which requests of others are read: SQLite is synchronous,
    // and would serve the whole burst before.
    const finish = () => setImmediate(free);
    const abandon = () => setTimeout(finish, CONCURRENCY.maxAbandonedMs).unref();
    if (response.destroyed) abandon();
    else response.once('close', () => response.writableEnded || abandon());
    const end = response.end.bind(response) as (...args: unknown[]) => Response;
    response.end = ((...args: unknown[]) => {
      finish();
      return end(...args);
    }) as Response['end'];
  }
}

/** A response that takes minutes would keep its place from other requests of the user. */
function hasOwnLimit(reflector: Reflector, context: ExecutionContext): boolean {
  const handler = context.getHandler();
  return (
    reflector.get(OnePerUser, handler) !== undefined ||
    reflector.get(OwnConcurrency, handler) !== undefined
  );
}
