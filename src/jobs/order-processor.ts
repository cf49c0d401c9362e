import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnModuleDestroy,
} from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { AbandonedOrders } from './abandoned-orders';
import type { ClaimResult } from './claim-results';
import type { ClaimedOrder } from './claimed-order';
import { LeaseRenewal } from './lease-renewal';
import { OrderAttempts } from './order-attempts';
import { OrderClaims } from './order-claims';
import { ResultBatches } from './result-batches';

/** How long a shutdown waits for running attempts before it interrupts them, in milliseconds. */
const SHUTDOWN_GRACE_MS = 10_000;

/** How long free slots wait for others that are claimed for together, in milliseconds. */
const COLLECTION_MS = 3;

/** How often abandoned orders are looked for during a run, in milliseconds. */
const RECLAIM_INTERVAL_MS = 1_000;

/** How often orders that run alone are looked for during a run, in milliseconds. */
const ALONE_CHECK_INTERVAL_MS = 1_000;

/** How long an instance claims nothing in order to begin an attempt that runs alone, in milliseconds. */
const MAX_DRAIN_MS = 2_000;

/** How long an attempt runs alone, in milliseconds. After that, others begin beside it. */
const MAX_ALONE_MS = 5_000;

/** Claims due orders as slots become free, and runs an attempt at each, several at a time. */
@Injectable()
export class OrderProcessor implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger(OrderProcessor.name);
  private currentRun: Promise<number> | undefined;
  private isWantedAgain = false;
  private isShuttingDown = false;
  private running = 0;
  private unrecorded = 0;
  private completed = 0;
  private nextReclaimAt = -Infinity;
  private nextAloneAt = -Infinity;
  private onChange: () => void = () => undefined;

  constructor(
    private readonly claims: OrderClaims,
    private readonly abandoned: AbandonedOrders,
    private readonly attempts: OrderAttempts,
    private readonly leases: LeaseRenewal,
    private readonly results: ResultBatches,
    private readonly config: AppConfig,
  ) {}

  /**
   * Processes orders until none is due. During a run, no other one starts; the current run claims
   * what has become due since, without waiting for its running attempts.
   * @returns the number of orders that this run completed
   */
  runOnce(): Promise<number> {
    if (this.currentRun) {
      this.logger.log('Skipped: the previous run has not finished');
      this.isWantedAgain = true;
      this.onChange();
      return Promise.resolve(0);
    }
    this.currentRun = this.run();
    return this.currentRun;
  }

  /** Stops claiming as soon as the shutdown begins. */
  onModuleDestroy(): void {
    this.isShuttingDown = true;
    this.onChange();
  }

  /** Waits for running attempts, and interrupts those that exceed the grace period. */
  async beforeApplicationShutdown(): Promise<void> {
    const grace = setTimeout(() => {
      this.attempts.interrupt();
      this.results.stopRetrying();
    }, SHUTDOWN_GRACE_MS);
    await Promise.allSettled([this.currentRun]);
    clearTimeout(grace);
  }

  private async run(): Promise<number> {
    this.completed = 0;
    try {
      do {
        this.isWantedAgain = false;
        await this.processDueOrders();
        // From the last look at the flag to `finally`, no other code runs: no request is lost.
      } while (this.isWantedAgain && !this.isShuttingDown);
      return this.completed;
    } catch (error) {
      await this.until(() => this.isIdle);
      throw error;
    } finally {
      this.currentRun = undefined;
      if (this.completed > 0) {
        this.logger.log({ msg: 'Processing run finished', completed: this.completed });
      }
    }
  }

  /** Ends when no order is due and no attempt is running. */
  private async processDueOrders(): Promise<void> {
    const { concurrency, batchSize } = this.config.processing;
    for (;;) {
      await this.until(() => this.running < concurrency && this.unrecorded < 2 * batchSize);
      if (this.isShuttingDown) break;
      await this.reclaimAbandoned();
      await this.runAlone();
      const limit = Math.min(concurrency - this.running, batchSize);
      this.isWantedAgain = false;
      const claimed = limit > 0 ? await this.claims.claim(limit) : [];
      await this.start(claimed);
      if (claimed.length === limit) {
        await delay(COLLECTION_MS);
      } else if (claimed.length > 0 || !this.isIdle) {
        await this.until(() => this.isIdle || this.isWantedAgain || this.isShuttingDown);
      } else if (await this.claims.isAloneDue()) {
        this.nextAloneAt = -Infinity;
      } else if (!this.isWantedAgain) {
        break;
      }
    }
    await this.until(() => this.isIdle);
  }

  private async reclaimAbandoned(): Promise<void> {
    if (performance.now() < this.nextReclaimAt) return;
    if ((await this.abandoned.reclaim()) > 0) this.nextAloneAt = -Infinity;
    this.nextReclaimAt = performance.now() + RECLAIM_INTERVAL_MS;
  }

  /**
   * Runs the next attempt that runs alone, if one is due. It begins when no other attempt is running,
   * so that an order that kills its process harms no other. Other attempts get as much time as it
   * takes, and more when running ones do not end.
   */
  private async runAlone(): Promise<void> {
    const startedAt = performance.now();
    if (startedAt < this.nextAloneAt) return;
    if (!(await this.claims.isAloneDue())) {
      this.nextAloneAt = startedAt + ALONE_CHECK_INTERVAL_MS;
      return;
    }
    await this.until(() => this.running === 0, MAX_DRAIN_MS);
    const isAlone = this.running === 0;
    if (isAlone && !this.isShuttingDown) {
      const order = await this.claims.claimAlone();
      if (order) await this.start([order]);
      await this.until(() => this.running === 0, MAX_ALONE_MS);
    }
    const endedAt = performance.now();
    this.nextAloneAt = endedAt + (endedAt - startedAt) * (isAlone ? 1 : 10);
  }

  /** Counts and starts the attempts. Orders that cannot begin are released. */
  private async start(orders: readonly ClaimedOrder[]): Promise<void> {
    if (orders.length === 0) return;
    const begun = new Set(this.isShuttingDown ? [] : await this.begin(orders));
    for (const order of orders) {
      if (begun.has(order) && !this.isShuttingDown) void this.attempt(order);
      else void this.record(order, this.attempts.skip(order));
    }
    await nextTurn(); // SQLite is synchronous: without a pause, no request would be served
  }

  private async begin(orders: readonly ClaimedOrder[]): Promise<ClaimedOrder[]> {
    try {
      return await this.claims.begin(orders);
    } catch (error) {
      this.logger.warn({ msg: 'Could not begin attempts', orders: orders.length, err: error });
      return [];
    }
  }

  private async attempt(order: ClaimedOrder): Promise<void> {
    this.running++;
    const result = await this.attempts.run(order, this.leases.start(order));
    this.running--;
    await this.record(order, result);
    this.leases.stop(order);
    this.onChange();
  }

  private async record(order: ClaimedOrder, result: ClaimResult | undefined): Promise<void> {
    this.onChange();
    if (!result) return;
    this.unrecorded++;
    try {
      const isRecorded = await this.results.record(result);
      if (isRecorded && result.transition === 'complete') this.completed++;
    } catch (error) {
      this.logger.error({
        msg: 'The result of an attempt was not recorded; the order is reclaimed after its lease',
        order_id: order.id,
        attempt: order.attempts,
        err: error,
      });
    } finally {
      this.unrecorded--;
    }
  }

  private get isIdle(): boolean {
    return this.running + this.unrecorded === 0;
  }

  /** Waits for a condition on the state of this object, which is looked at after each change. */
  private async until(isMet: () => boolean, maxMs?: number): Promise<void> {
    const startedAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const isLate = () => maxMs !== undefined && performance.now() - startedAt >= maxMs;
    while (!isMet() && !isLate()) {
      await new Promise<void>((resolve) => {
        this.onChange = resolve;
        if (maxMs !== undefined) timer = setTimeout(resolve, maxMs);
      });
      clearTimeout(timer);
    }
  }
}
