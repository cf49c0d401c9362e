import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { RateLimitedError, ServiceUnavailableError } from '../errors/common.errors';
import { AppConfig } from '../config/app-config';
import { type Release, Semaphore } from '../common/semaphore';

/** Bounds of the requests of one user on one instance. */
export const CONCURRENCY = {
  /** Served at the same time, unless the connections to the database are few. */
  maxServed: 8,
  maxWaiting: 300,
  /** Shorter than clients are willing to wait. */
  maxWaitMs: 10_000,
  /** The longest time that the work for a client that has gone keeps its place. */
  maxAbandonedMs: 10_000,
} as const;

/**
 * Bounds how many requests of one user are served at the same time; further ones wait for their
 * turn. A user who sends many at once delays only themselves: the rest of the database connections
 * serves others. It applies with and without rate limits. Runs after the guard that sets the user.
 */
@Injectable()
export class ConcurrencyLimitGuard implements CanActivate {
  /** By the id of the user; none is unused. */
  private readonly gates = new Map<number, Semaphore>();
  private readonly maxServed: number;

  constructor({ database: { target } }: AppConfig) {
    // Less than half of the pool, so that two users cannot fill it.
    const share = target.kind === 'postgres' ? Math.floor((target.poolSize - 1) / 2) : Infinity;
    this.maxServed = Math.max(1, Math.min(CONCURRENCY.maxServed, share));
  }

  /**
   * @throws RateLimitedError when too many requests of the user are waiting
   * @throws ServiceUnavailableError when the turn of the request has not come in time
   */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const http = context.switchToHttp();
    const { user } = http.getRequest<Request>();
    if (!user) return true;
    const response = http.getResponse<Response>();
    const gate = this.gateOf(user.id);
    const leave = gate.tryAcquire();
    if (!leave) return this.waitForTurn(user.id, gate, response);
    this.leaveWithResponse(user.id, gate, leave, response);
    return true;
  }

  private async waitForTurn(userId: number, gate: Semaphore, response: Response): Promise<boolean> {
    if (gate.waitingCount >= CONCURRENCY.maxWaiting) {
      throw new RateLimitedError(1, 'Too many requests at the same time', {
        policy: 'user-concurrency',
        quota: this.maxServed + CONCURRENCY.maxWaiting,
      });
    }
    const leave = await gate.acquire();
    this.leaveWithResponse(userId, gate, leave, response);
    // Nothing is done for a client that has gone meanwhile.
    if (response.destroyed) throw new ServiceUnavailableError();
    return true;
  }

  private gateOf(userId: number): Semaphore {
    let gate = this.gates.get(userId);
    if (!gate) {
      const { maxWaitMs } = CONCURRENCY;
      gate = new Semaphore(maxWaitMs, () => new ServiceUnavailableError(), this.maxServed);
      this.gates.set(userId, gate);
    }
    return gate;
  }

  /**
   * The work ends where the response does. When its client hangs up before, it still goes on, or
   * sending and hanging up again and again would get around the limit.
   */
  private leaveWithResponse(userId: number, gate: Semaphore, leave: Release, response: Response) {
    const free = () => {
      leave();
      if (gate.isUnused && this.gates.get(userId) === gate) this.gates.delete(userId);
    };
    // SQLite is synchronous: freed at once, the place would serve one request after another before
    // the event loop reads those of others.
    const finish = () => setImmediate(free);
    const abandon = () => setTimeout(finish, CONCURRENCY.maxAbandonedMs).unref();
    if (response.destroyed) abandon();
    else response.once('close', () => response.writableEnded || abandon());
    const end = response.end.bind(response) as (...given: unknown[]) => Response;
    response.end = ((...given: unknown[]) => {
      finish();
      return end(...given);
    }) as Response['end'];
  }
}
