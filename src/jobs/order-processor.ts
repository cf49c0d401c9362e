import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnModuleDestroy,
} from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { LeaseRenewal } from './lease-renewal';
import { OrderAttempts } from './order-attempts';
import { type ClaimedOrder, OrderClaims } from './order-claims';

/** How long a shutdown waits for running attempts before it interrupts them, in milliseconds. */
const SHUTDOWN_GRACE_MS = 10_000;

/** Claims due orders in batches, and runs an attempt at each, several at a time. */
@Injectable()
export class OrderProcessor implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger(OrderProcessor.name);
  private readonly interruption = new AbortController();
  private currentRun: Promise<number> | undefined;
  private isShuttingDown = false;
  /** Makes a run that waits for its last attempts claim again. */
  private claimAgain: () => void = () => undefined;

  constructor(
    private readonly claims: OrderClaims,
    private readonly attempts: OrderAttempts,
    private readonly leases: LeaseRenewal,
    private readonly config: AppConfig,
  ) {}

  /**
   * Processes orders until none is due. During a run, no other one starts; the current run claims
   * what has become due since, without waiting for its running attempts.
   * @returns the number of orders that this run completed
   */
  async runOnce(): Promise<number> {
    if (this.currentRun) {
      this.logger.log('Skipped: the previous run has not finished');
      this.claimAgain();
      return 0;
    }
    this.currentRun = this.processDueOrders();
    try {
      return await this.currentRun;
    } finally {
      this.currentRun = undefined;
    }
  }

  /** Stops claiming as soon as the shutdown begins. */
  onModuleDestroy(): void {
    this.isShuttingDown = true;
  }

  /** Waits for running attempts, and interrupts those that exceed the grace period. */
  async beforeApplicationShutdown(): Promise<void> {
    const grace = setTimeout(() => this.interruption.abort(), SHUTDOWN_GRACE_MS);
    await Promise.allSettled([this.currentRun]);
    clearTimeout(grace);
  }

  /** Claims the next batch as soon as the last order of the current one has started. */
  private async processDueOrders(): Promise<number> {
    const { concurrency, batchSize } = this.config.processing;
    const running = new Set<Promise<void>>();
    let completed = 0;
    try {
      while (!this.isShuttingDown) {
        const batch = await this.claimBatch(batchSize);
        for (const { order, lost } of batch) {
          if (running.size >= concurrency && !this.isShuttingDown) await Promise.race(running);
          // SQLite is synchronous: without this pause, no request would be served during a batch.
          await nextTurn();
          const attempt = this.runAttempt(order, lost).then((isCompleted) => {
            running.delete(attempt);
            if (isCompleted) completed++;
          });
          running.add(attempt);
        }
        if (batch.length === 0 && running.size === 0) break;
        if (batch.length < batchSize) await this.waitForAttemptsOrRequest(running);
      }
    } finally {
      await Promise.all(running);
      if (completed > 0) this.logger.log({ msg: 'Processing run finished', completed });
    }
    return completed;
  }

  private async waitForAttemptsOrRequest(running: ReadonlySet<Promise<void>>): Promise<void> {
    const requested = new Promise<void>((resolve) => (this.claimAgain = resolve));
    await Promise.race([Promise.all(running), requested]);
  }

  /** The leases of orders that wait for their attempt are renewed, too. */
  private async claimBatch(size: number): Promise<{ order: ClaimedOrder; lost: AbortSignal }[]> {
    const orders = await this.claims.claim(size);
    return orders.map((order) => ({ order, lost: this.leases.start(order) }));
  }

  private async runAttempt(order: ClaimedOrder, lost: AbortSignal): Promise<boolean> {
    // An attempt that has not started before the shutdown is released at once.
    const interrupted = this.isShuttingDown ? AbortSignal.abort() : this.interruption.signal;
    try {
      return await this.attempts.run(order, { lost, interrupted });
    } finally {
      this.leases.stop(order);
    }
  }
}
