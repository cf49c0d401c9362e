import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnModuleDestroy,
} from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { type ClaimedOrder, OrderClaims } from './order-claims';
import { LeaseRenewal } from './lease-renewal';
import { OrderAttempts } from './order-attempts';

/** How long a shutdown waits for running attempts before it breaks them off, in milliseconds. */
const SHUTDOWN_GRACE_MS = 10_000;

/** Carries due orders through processing, many at a time. */
@Injectable()
export class OrderProcessor implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger(OrderProcessor.name);
  private readonly stop = new AbortController();
  private currentRun: Promise<number> | undefined;
  private isStopping = false;
  /** Ends the wait of a run that has nothing left to start. */
  private claimAgain: () => void = () => undefined;

  constructor(
    private readonly claims: OrderClaims,
    private readonly attempts: OrderAttempts,
    private readonly leases: LeaseRenewal,
    private readonly config: AppConfig,
  ) {}

  /**
   * Processes until nothing is due any more. While a run is going on, another one is not started;
   * the one that is takes up what has become due, however long its other orders take.
   * @returns how many orders this call completed
   */
  async runOnce(): Promise<number> {
    if (this.currentRun) {
      this.logger.log('Skipped: the previous run is still going on');
      this.claimAgain();
      return 0;
    }
    this.currentRun = this.drain();
    try {
      return await this.currentRun;
    } finally {
      this.currentRun = undefined;
    }
  }

  /** From the first moment of a shutdown nothing more is claimed. */
  onModuleDestroy(): void {
    this.isStopping = true;
  }

  /** Lets running attempts finish, and gives back what was not finished. */
  async beforeApplicationShutdown(): Promise<void> {
    const grace = setTimeout(() => this.stop.abort(), SHUTDOWN_GRACE_MS);
    await Promise.allSettled([this.currentRun]);
    clearTimeout(grace);
  }

  /** Claims the next batch when the last order of the one before has started. */
  private async drain(): Promise<number> {
    const { concurrency, batchSize } = this.config.processing;
    const running = new Set<Promise<void>>();
    let completed = 0;
    try {
      while (!this.isStopping) {
        const batch = await this.claimBatch(batchSize);
        for (const { order, lost } of batch) {
          if (running.size >= concurrency && !this.isStopping) await Promise.race(running);
          // On SQLite nothing else would let requests have their turn.
          await nextTurn();
          const work = this.process(order, lost).then((isCompleted) => {
            running.delete(work);
            if (isCompleted) completed++;
          });
          running.add(work);
        }
        if (batch.length === 0 && running.size === 0) break;
        if (batch.length < batchSize) await this.allFinishedOrWoken(running);
      }
    } finally {
      await Promise.all(running);
      if (completed > 0) this.logger.log({ msg: 'Processing run finished', completed });
    }
    return completed;
  }

  private async allFinishedOrWoken(running: ReadonlySet<Promise<void>>): Promise<void> {
    const woken = new Promise<void>((resolve) => (this.claimAgain = resolve));
    await Promise.race([Promise.all(running), woken]);
  }

  /** Orders that wait for their turn hold their lease like those in work. */
  private async claimBatch(size: number): Promise<{ order: ClaimedOrder; lost: AbortSignal }[]> {
    const orders = await this.claims.claim(size);
    return orders.map((order) => ({ order, lost: this.leases.hold(order) }));
  }

  private async process(order: ClaimedOrder, lost: AbortSignal): Promise<boolean> {
    // What has not begun when the shutdown does is given back at once.
    const stop = this.isStopping ? AbortSignal.abort() : this.stop.signal;
    try {
      return await this.attempts.run(order, { lost, stop });
    } finally {
      this.leases.letGo(order);
    }
  }
}
