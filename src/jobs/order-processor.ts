import { setImmediate as nextLoopIteration, setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnModuleDestroy,
} from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { Measurements } from '../common/measurements';
import { UNCAUGHT_ERROR } from '../common/shutdown-state';
import { isDatabaseUnavailable } from '../database/database.errors';
import { AbandonedOrders } from './abandoned-orders';
import { AttemptSlots } from './attempt-slots';
import { type ClaimedOrder, leasesOf } from './claimed-order';
import { LoneAttempts } from './lone-attempts';
import { OrderClaims } from './order-claims';

/** How long a shutdown waits for running attempts before it interrupts them, in milliseconds. */
const SHUTDOWN_GRACE_MS = 10_000;

/** How long a claim waits for more free slots when fewer than half are free, in milliseconds. */
const CLAIM_DELAY_MS = 3;

/** How often a run looks for abandoned orders, in milliseconds. */
const RECLAIM_INTERVAL_MS = 1_000;

/** How long a run waits after a failed claim before it claims again, in milliseconds. */
const RETRY_MS = 1_000;

/** Claims due orders as slots become free, and starts an attempt at each. */
@Injectable()
export class OrderProcessor implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger(OrderProcessor.name);
  private currentRun: Promise<number> | undefined;
  private isWantedAgain = false;
  private nextReclaimAt = -Infinity;
  private searchedAt: number | undefined;
  /** How often claiming has failed since orders were claimed. */
  private failedClaims = 0;

  constructor(
    private readonly claims: OrderClaims,
    private readonly abandoned: AbandonedOrders,
    private readonly lone: LoneAttempts,
    private readonly slots: AttemptSlots,
    private readonly config: AppConfig,
    private readonly measurements: Measurements,
  ) {}

  /**
   * Processes orders until none is due. During a run, no other one starts; the current run claims
   * what has become due since, without waiting for its running attempts.
   * @returns the number of orders that this run completed
   * @throws an error of the database, when orders cannot be claimed, and no attempt is running
   */
  runOnce(): Promise<number> {
    if (this.currentRun) {
      this.logger.log('Skipped: the previous run has not finished');
      this.isWantedAgain = true;
      this.slots.wake();
      return Promise.resolve(0);
    }
    this.currentRun = this.run();
    return this.currentRun;
  }

  /**
   * When a run last looked for due orders, or found that processing is paused, in milliseconds of
   * `performance.now()`.
   */
  get lastSearchAt(): number | undefined {
    return this.searchedAt;
  }

  /** Stops claiming as soon as the shutdown begins. */
  onModuleDestroy(): void {
    this.slots.close();
  }

  /**
   * Waits for running attempts, and interrupts those that exceed the grace period.
   * @param cause is the signal, or {@link UNCAUGHT_ERROR}
   */
  async beforeApplicationShutdown(cause?: string): Promise<void> {
    const areSuspect = cause === UNCAUGHT_ERROR;
    const grace = setTimeout(() => this.slots.interrupt(areSuspect), SHUTDOWN_GRACE_MS);
    await Promise.allSettled([this.currentRun]);
    clearTimeout(grace);
  }

  private async run(): Promise<number> {
    let completed = 0;
    this.nextReclaimAt = -Infinity;
    this.failedClaims = 0;
    this.lone.prepareRun();
    try {
      for (;;) {
        this.isWantedAgain = false;
        try {
          await this.processDueOrders();
        } catch (error) {
          await this.pauseAfter(error);
          continue;
        }
        // From this look at the flag to `finally`, no other code runs, so no request is lost.
        if (!this.isWantedAgain || this.slots.isClosed) break;
      }
    } finally {
      this.currentRun = undefined;
      completed = this.slots.takeCompleted();
      if (completed > 0) this.logger.log({ msg: 'Processing run finished', completed });
    }
    return completed;
  }

  /**
   * Waits before the run claims again. The run continues after an error while attempts are running,
   * because no other run can start before they end, and after the first error: the next search begins
   * elsewhere than one that exceeded the time limit, see `SearchStart`.
   * @throws the error, when it is not the first one since orders were claimed, no attempt is running and
   * no other run was requested
   */
  private async pauseAfter(error: unknown): Promise<void> {
    const { slots } = this;
    this.failedClaims++;
    if (slots.isIdle && !this.isWantedAgain && this.failedClaims > 1) throw error;
    this.logger.warn({ msg: 'Could not claim orders; the run tries again', err: error });
    await slots.until(() => slots.isIdle || this.isWantedAgain || this.slots.isClosed, RETRY_MS);
  }

  /** Ends when no order is due and no attempt is running. */
  private async processDueOrders(): Promise<void> {
    const { slots } = this;
    /** Claimed by the last transaction; their attempts begin with the next one. */
    let claimed: readonly ClaimedOrder[] = [];
    for (;;) {
      if (claimed.length === 0) await this.prepareClaim();
      if (claimed.length === 0 && slots.isClosed) break;
      const wasIdle = claimed.length === 0 && slots.isIdle;
      const limit = this.limitOfClaim(claimed.length);
      this.isWantedAgain = false;
      claimed = await this.beginAndClaim(claimed, limit);
      if (claimed.length > 0) this.failedClaims = 0;
      if (claimed.length > 0 || limit === 0 || this.isWantedAgain) continue;
      // The running attempts may place orders, and take so long that others become due.
      if (!wasIdle) await slots.until(() => slots.isIdle || this.isWantedAgain || slots.isClosed);
      else if (!(await this.lone.isAnyWaiting())) break;
    }
    await slots.until(() => slots.isIdle);
  }

  /** Waits for free slots, reclaims abandoned orders, and runs a lone attempt that is due. */
  private async prepareClaim(): Promise<void> {
    const { slots } = this;
    const half = this.config.processing.concurrency / 2;
    await slots.until(() => slots.free > 0 || slots.isClosed);
    if (slots.free < half && !slots.isClosed) await delay(CLAIM_DELAY_MS);
    if (!slots.isClosed) await this.reclaimAbandoned();
    if (!slots.isClosed) await this.lone.runNext();
  }

  /** The number of orders to claim. It is zero when a check of {@link prepareClaim} is due. */
  private limitOfClaim(claimed: number): number {
    const { slots } = this;
    const isCheckDue = performance.now() >= this.nextReclaimAt || this.lone.isCheckDue;
    if (slots.isClosed || (claimed > 0 && isCheckDue)) return 0;
    return Math.min(Math.max(slots.free - claimed, 0), this.config.processing.batchSize);
  }

  private async reclaimAbandoned(): Promise<void> {
    if (performance.now() < this.nextReclaimAt) return;
    try {
      if ((await this.abandoned.reclaim()) > 0) this.lone.checkSoon();
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw error;
      // An order that cannot be reclaimed must not keep others from being processed.
      this.logger.error({ msg: 'Could not reclaim abandoned orders', err: error });
    }
    this.nextReclaimAt = performance.now() + RECLAIM_INTERVAL_MS;
  }

  /**
   * Begins the attempts at claimed orders.
   * @returns the orders that were claimed next
   */
  private async beginAndClaim(
    orders: readonly ClaimedOrder[],
    limit: number,
  ): Promise<readonly ClaimedOrder[]> {
    if (limit === 0) {
      await this.slots.begin(orders);
      return [];
    }
    try {
      const { begun, claimed } = await this.claims.beginAndClaim(leasesOf(orders), limit);
      this.measurements.runSearched();
      this.searchedAt = performance.now();
      this.slots.start(orders, begun);
      return claimed;
    } catch (error) {
      if (orders.length === 0) throw error;
      // A claim that fails must not keep the orders that are claimed from beginning.
      await this.slots.begin(orders);
      throw error;
    } finally {
      await nextLoopIteration(); // SQLite is synchronous: without a pause, no request would be served
    }
  }
}
