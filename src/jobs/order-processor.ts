import { setImmediate as nextLoopIteration, setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnModuleDestroy,
} from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { UNCAUGHT_ERROR } from '../common/shutdown-state';
import { isDatabaseUnavailable } from '../database/database.errors';
import { AbandonedOrders } from './abandoned-orders';
import { AttemptSlots } from './attempt-slots';
import type { ClaimedOrder, Lease } from './claimed-order';
import { OrderClaims } from './order-claims';
import { OrderLeases } from './order-leases';

/** How long a shutdown waits for running attempts before it interrupts them, in milliseconds. */
const SHUTDOWN_GRACE_MS = 10_000;

/** How long a claim waits for more free slots when fewer than half are free, in milliseconds. */
const CLAIM_DELAY_MS = 3;

/** How often a run looks for abandoned orders, and for orders that run alone, in milliseconds. */
const CHECK_INTERVAL_MS = 1_000;

/** How long a run waits after a failed claim before it claims again, in milliseconds. */
const RETRY_MS = 1_000;

/** How long an instance claims nothing so that a lone attempt can begin, in milliseconds. */
const MAX_DRAIN_MS = 2_000;

/** How many times in a row running attempts can prevent a lone attempt from beginning. */
const MAX_FAILED_DRAINS = 3;

/** How long a lone attempt runs alone, in milliseconds. After that, others begin beside it. */
const MAX_ALONE_MS = 5_000;

/** Claims due orders as slots become free, and starts an attempt at each. */
@Injectable()
export class OrderProcessor implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger(OrderProcessor.name);
  private currentRun: Promise<number> | undefined;
  private isWantedAgain = false;
  private isShuttingDown = false;
  private nextReclaimAt = -Infinity;
  private nextAloneAt = -Infinity;
  private failedDrains = 0;
  /** False after an order that runs alone was due, but could not be claimed. */
  private canClaimAlone = true;

  constructor(
    private readonly claims: OrderClaims,
    private readonly leases: OrderLeases,
    private readonly abandoned: AbandonedOrders,
    private readonly slots: AttemptSlots,
    private readonly config: AppConfig,
  ) {}

  /**
   * Processes orders until none is due. During a run, no other one starts; the current run claims
   * what has become due since, without waiting for its running attempts.
   * @returns the number of orders that this run completed
   * @throws an error of the database, when orders cannot be claimed and no attempt is running
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

  /** Stops claiming as soon as the shutdown begins. */
  onModuleDestroy(): void {
    this.isShuttingDown = true;
    this.slots.wake();
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
    this.canClaimAlone = true;
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
        if (!this.isWantedAgain || this.isShuttingDown) break;
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
   * because no other run can start before they end.
   * @throws the error, when no attempt is running and no other run was requested
   */
  private async pauseAfter(error: unknown): Promise<void> {
    const { slots } = this;
    if (slots.isIdle && !this.isWantedAgain) throw error;
    this.logger.warn({ msg: 'Could not claim orders; the run tries again', err: error });
    await slots.until(() => slots.isIdle || this.isWantedAgain || this.isShuttingDown, RETRY_MS);
  }

  /** Ends when no order is due and no attempt is running. */
  private async processDueOrders(): Promise<void> {
    const { slots } = this;
    /** Claimed by the last transaction; their attempts begin with the next one. */
    let claimed: readonly ClaimedOrder[] = [];
    for (;;) {
      if (claimed.length === 0) await this.prepareClaim();
      if (claimed.length === 0 && this.isShuttingDown) break;
      const wasIdle = claimed.length === 0 && slots.isIdle;
      const limit = this.limitOfClaim(claimed.length);
      this.isWantedAgain = false;
      claimed = await this.beginAndClaim(claimed, limit);
      if (claimed.length > 0 || limit === 0 || this.isWantedAgain) continue;
      // The running attempts may place orders, and take so long that others become due.
      if (!wasIdle)
        await slots.until(() => slots.isIdle || this.isWantedAgain || this.isShuttingDown);
      else if (this.canClaimAlone && (await this.claims.isAloneDue())) this.nextAloneAt = -Infinity;
      else break;
    }
    await slots.until(() => slots.isIdle);
  }

  /** Waits for free slots, reclaims abandoned orders, and runs a lone attempt that is due. */
  private async prepareClaim(): Promise<void> {
    const { slots } = this;
    const half = this.config.processing.concurrency / 2;
    await slots.until(() => slots.free > 0 || this.isShuttingDown);
    if (slots.free < half && !this.isShuttingDown) await delay(CLAIM_DELAY_MS);
    if (!this.isShuttingDown) await this.reclaimAbandoned();
    if (!this.isShuttingDown) await this.runAlone();
  }

  /** The number of orders to claim. It is zero when a check of {@link prepareClaim} is due. */
  private limitOfClaim(claimed: number): number {
    if (this.isShuttingDown) return 0;
    if (claimed > 0 && performance.now() > Math.min(this.nextReclaimAt, this.nextAloneAt)) return 0;
    return Math.min(Math.max(this.slots.free - claimed, 0), this.config.processing.batchSize);
  }

  private async reclaimAbandoned(): Promise<void> {
    if (performance.now() < this.nextReclaimAt) return;
    try {
      if ((await this.abandoned.reclaim()) > 0) this.nextAloneAt = -Infinity;
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw error;
      // An order that cannot be reclaimed must not keep others from being processed.
      this.logger.error({ msg: 'Could not reclaim abandoned orders', err: error });
    }
    this.nextReclaimAt = performance.now() + CHECK_INTERVAL_MS;
  }

  /**
   * Runs the next lone attempt, if one is due. It begins when no other attempt is running, so that an
   * order that kills its process harms no other. It waits for results that are not recorded yet, but
   * only for {@link MAX_DRAIN_MS}. The next one begins no earlier than after the time that this one
   * took, or ten times that time if running attempts prevented it. When they have prevented it
   * {@link MAX_FAILED_DRAINS} times, it begins beside them.
   */
  private async runAlone(): Promise<void> {
    const { slots } = this;
    const startedAt = performance.now();
    if (startedAt < this.nextAloneAt) return;
    if (!(await this.claims.isAloneDue())) {
      this.nextAloneAt = startedAt + CHECK_INTERVAL_MS;
      return;
    }
    await slots.until(() => slots.isIdle || this.isShuttingDown, MAX_DRAIN_MS);
    if (this.isShuttingDown) return;
    const canBegin = slots.areAllFree || (this.failedDrains >= MAX_FAILED_DRAINS && slots.free > 0);
    this.failedDrains = canBegin ? 0 : this.failedDrains + 1;
    if (canBegin) {
      const { running } = slots;
      await this.begin(await this.claimAlone());
      await slots.until(() => slots.running <= running, MAX_ALONE_MS);
    }
    const endedAt = performance.now();
    this.nextAloneAt = endedAt + (endedAt - startedAt) * (canBegin ? 1 : 10);
  }

  private async claimAlone(): Promise<ClaimedOrder[]> {
    let claimed: ClaimedOrder[] = [];
    try {
      claimed = await this.claims.claimAlone();
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw error;
      // An order that cannot be claimed must not keep others from being processed.
      this.logger.error({ msg: 'Could not claim an order that runs alone', err: error });
    }
    this.canClaimAlone = claimed.length > 0;
    return claimed;
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
      await this.begin(orders);
      return [];
    }
    try {
      const { begun, claimed } = await this.claims.beginAndClaim(leasesOf(orders), limit);
      this.start(orders, begun);
      return claimed;
    } catch (error) {
      if (orders.length === 0) throw error;
      // A claim that fails must not keep the orders that are claimed from beginning.
      await this.begin(orders);
      throw error;
    } finally {
      await nextLoopIteration(); // SQLite is synchronous: without a pause, no request would be served
    }
  }

  private async begin(orders: readonly ClaimedOrder[]): Promise<void> {
    if (orders.length === 0) return;
    let begun: ReadonlySet<Lease> = new Set();
    try {
      if (!this.isShuttingDown) begun = await this.leases.begin(leasesOf(orders));
    } catch (error) {
      this.logger.warn({ msg: 'Could not begin attempts', orders: orders.length, err: error });
    }
    this.start(orders, begun);
    // The others are released, and due at once.
    if (begun.size === 0) await this.slots.until(() => this.isShuttingDown, RETRY_MS);
  }

  /** During a shutdown, releases the orders instead. */
  private start(orders: readonly ClaimedOrder[], begun: ReadonlySet<Lease>): void {
    this.slots.start(orders, this.isShuttingDown ? new Set() : begun);
  }
}

function leasesOf(orders: readonly ClaimedOrder[]): Lease[] {
  return [...new Set(orders.map(({ lease }) => lease))];
}
