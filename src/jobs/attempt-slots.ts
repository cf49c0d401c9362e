import { Injectable, Logger } from '@nestjs/common';
import { Measurements } from '../common/measurements';
import { AppConfig } from '../config/app-config';
import { fieldsOf } from '../orders/responsible-request';
import type { ClaimResult } from './claim-results';
import { type ClaimedOrder, type Lease, leasesOf } from './claimed-order';
import { LeaseRenewal } from './lease-renewal';
import { OrderAttempts } from './order-attempts';
import { OrderLeases } from './order-leases';
import { ResultBatches } from './result-batches';

/** The pause after no attempt at claimed orders could begin, in milliseconds. */
const RETRY_MS = 1_000;

/**
 * The attempts that are running, `PROCESSING_CONCURRENCY` at most. A slot is free as soon as the steps
 * have ended: recording their results takes no slot.
 */
@Injectable()
export class AttemptSlots {
  private readonly logger = new Logger(AttemptSlots.name);
  private runningCount = 0;
  private unrecorded = 0;
  private completed = 0;
  private hasClosed = false;
  private onChange: () => void = () => undefined;

  constructor(
    private readonly attempts: OrderAttempts,
    private readonly leases: OrderLeases,
    private readonly renewal: LeaseRenewal,
    private readonly results: ResultBatches,
    private readonly config: AppConfig,
    measurements: Measurements,
  ) {
    measurements.provide('orders_in_flight', () => this.running);
  }

  /** The number of attempts that can start. */
  get free(): number {
    const { concurrency, batchSize } = this.config.processing;
    return this.unrecorded < 2 * batchSize ? concurrency - this.running : 0;
  }

  /** The number of attempts whose steps are running. */
  get running(): number {
    return this.runningCount;
  }

  /** True when no steps are running. */
  get areAllFree(): boolean {
    return this.running === 0;
  }

  /** True when no steps are running and all results are recorded. */
  get isIdle(): boolean {
    return this.running + this.unrecorded === 0;
  }

  /** True after {@link close}. */
  get isClosed(): boolean {
    return this.hasClosed;
  }

  /** The number of orders that were completed since the last call. */
  takeCompleted(): number {
    const { completed } = this;
    this.completed = 0;
    return completed;
  }

  /** Begins the attempts at claimed orders. When none can begin, it waits for a while. */
  async begin(orders: readonly ClaimedOrder[]): Promise<void> {
    if (orders.length === 0) return;
    let begun: ReadonlySet<Lease> = new Set();
    try {
      if (!this.isClosed) begun = await this.leases.begin(leasesOf(orders));
    } catch (error) {
      this.logger.warn({ msg: 'Could not begin attempts', orders: orders.length, err: error });
    }
    this.start(orders, begun);
    // The others are released, and due at once.
    if (begun.size === 0) await this.until(() => this.isClosed, RETRY_MS);
  }

  /**
   * Starts the attempts of orders whose lease has begun, and releases the other orders. After
   * {@link close}, it releases all.
   */
  start(orders: readonly ClaimedOrder[], begunLeases: ReadonlySet<Lease>): void {
    const begun: ReadonlySet<Lease> = this.isClosed ? new Set() : begunLeases;
    for (const lease of begun) this.renewal.start(lease, () => this.attempts.lose(lease));
    for (const order of orders) void this.run(order, begun.has(order.lease));
  }

  /** From now on no attempt begins. The running ones continue. */
  close(): void {
    this.hasClosed = true;
    this.wake();
  }

  /**
   * Ends the running attempts.
   * @param areSuspect true when one of them may be the cause of the shutdown
   */
  interrupt(areSuspect: boolean): void {
    this.attempts.interrupt(areSuspect);
    this.results.stopRetrying();
  }

  /**
   * Waits until a condition is met, or for `maxMs` milliseconds. The condition is checked when the
   * state of this object changes, and on {@link wake}. Only one caller may wait at a time.
   */
  async until(isMet: () => boolean, maxMs = Infinity): Promise<void> {
    const startedAt = performance.now();
    for (;;) {
      const remaining = maxMs - (performance.now() - startedAt);
      if (isMet() || remaining <= 0) return;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.onChange = resolve;
        if (remaining < Infinity) timer = setTimeout(resolve, remaining);
      });
      clearTimeout(timer);
    }
  }

  /** Makes {@link until} check its condition again. */
  wake(): void {
    this.onChange();
  }

  /** Never rejects. */
  private async run(order: ClaimedOrder, hasBegun: boolean): Promise<void> {
    let result: ClaimResult | undefined;
    if (hasBegun) {
      this.runningCount++;
      result = await this.attempts.run(order);
      this.runningCount--;
    } else {
      result = this.attempts.skip(order);
    }
    // Nothing is awaited between `runningCount--` and `unrecorded++`, so `isIdle` stays false meanwhile.
    if (result) await this.record(result);
    const { lease } = order;
    lease.unendedOrderIds.delete(order.id);
    if (lease.unendedOrderIds.size === 0) this.renewal.stop(lease);
    this.wake();
  }

  private async record(result: ClaimResult): Promise<void> {
    this.unrecorded++;
    this.wake();
    try {
      if ((await this.results.record(result)) === 'complete') this.completed++;
    } catch (error) {
      this.logger.error({
        msg: 'The result of an attempt was not recorded; the order is reclaimed after its lease',
        ...fieldsOf(result.order),
        attempt: result.order.attempts,
        err: error,
      });
    } finally {
      this.unrecorded--;
    }
  }
}
