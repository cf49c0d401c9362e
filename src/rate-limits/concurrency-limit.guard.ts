import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { RateLimitedError, ServiceUnavailableError } from '../errors/common.errors';
import { AppConfig } from '../config/app-config';
import { FifoGate, type Leave } from '../database/sqlite/fifo-gate';

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

/**
 * Bounds how many requests of one user are served at the same time. Further requests wait in order of
 * arrival, so that a burst of one user leaves database connections to the others. Applies with
 * `RATE_LIMIT_ENABLED=false` too. Runs after the guard that sets the user.
 */
@Injectable()
export class ConcurrencyLimitGuard implements CanActivate {
  /** The gates in use, by the id of the user. */
  private readonly gates = new Map<number, FifoGate>();
  private readonly maxServed: number;

  constructor({ database: { target } }: AppConfig) {
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
    if (!user) return true;
    const response = http.getResponse<Response>();
    const gate = this.gateOf(user.id);
    const leave = gate.tryEnter();
    if (!leave) return this.waitForTurn(user.id, gate, response);
    this.freeWhenResponseEnds(user.id, gate, leave, response);
    return true;
  }

  private async waitForTurn(userId: number, gate: FifoGate, response: Response): Promise<boolean> {
    if (gate.waitingCount >= CONCURRENCY.maxWaiting) {
      throw new RateLimitedError(1, 'Too many requests at the same time', {
        policy: 'user-concurrency',
        quota: this.maxServed + CONCURRENCY.maxWaiting,
      });
    }
    const leave = await gate.enter();
    this.freeWhenResponseEnds(userId, gate, leave, response);
    // The client has disconnected while the request waited.
    if (response.destroyed) throw new ServiceUnavailableError();
    return true;
  }

  private gateOf(userId: number): FifoGate {
    let gate = this.gates.get(userId);
    if (!gate) {
      const { maxWaitMs } = CONCURRENCY;
      gate = new FifoGate(maxWaitMs, () => new ServiceUnavailableError(), this.maxServed);
      this.gates.set(userId, gate);
    }
    return gate;
  }

  /**
   * Frees the place when the response ends. After a disconnect the place stays taken until then, because
   * the work continues; otherwise a client could exceed the limit by disconnecting early.
   */
  private freeWhenResponseEnds(userId: number, gate: FifoGate, leave: Leave, response: Response) {
    const free = () => {
      leave();
      if (gate.isUnused && this.gates.get(userId) === gate) this.gates.delete(userId);
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
