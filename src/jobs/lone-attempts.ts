import { Injectable, Logger } from '@nestjs/common';
import { isDatabaseUnavailable } from '../database/database.errors';
import { AttemptSlots } from './attempt-slots';
import type { ClaimedOrder } from './claimed-order';
import { OrderClaims } from './order-claims';

/** How often a run looks for orders that run alone, in milliseconds. */
const CHECK_INTERVAL_MS = 1_000;

/** How long an instance claims nothing so that a lone attempt can begin, in milliseconds. */
const MAX_DRAIN_MS = 2_000;

/** How many times in a row running attempts can prevent the lone attempt at an order. */
const MAX_FAILED_DRAINS = 3;

/** How long a lone attempt runs alone, in milliseconds. After that, others begin beside it. */
const MAX_ALONE_MS = 5_000;

/** Runs the next attempts at orders that may have ended a process, each alone in this process. */
@Injectable()
export class LoneAttempts {
  private readonly logger = new Logger(LoneAttempts.name);
  private nextAt = -Infinity;
  /** The order that running attempts have prevented from beginning, and how many times in a row. */
  private prevented = { id: -1, drains: 0 };
  /** True when the last call of {@link runNext} has found no order. */
  private hasFoundNone = false;
  /** False after an order was due, but could not be claimed. */
  private canClaim = true;

  constructor(
    private readonly claims: OrderClaims,
    private readonly slots: AttemptSlots,
  ) {}

  /** Called when a run starts. */
  prepareRun(): void {
    this.canClaim = true;
  }

  /** True when {@link runNext} looks for an order. */
  get isCheckDue(): boolean {
    return performance.now() >= this.nextAt;
  }

  /** Makes the next {@link runNext} look for an order. */
  checkSoon(): void {
    this.nextAt = -Infinity;
  }

  /**
   * Runs the next lone attempt, if one is due. It begins when no other attempt is running, so that an
   * order that kills its process harms no other. It waits for results that are not recorded yet, but
   * only for {@link MAX_DRAIN_MS}. The next one begins no earlier than after the time that this one
   * took, or ten times that time if running attempts prevented it. When they have prevented it
   * {@link MAX_FAILED_DRAINS} times, it begins beside them.
   */
  async runNext(): Promise<void> {
    const { slots } = this;
    this.hasFoundNone = false;
    if (!this.isCheckDue) return;
    const startedAt = performance.now();
    const id = await this.claims.findAlone();
    if (id === undefined) {
      this.hasFoundNone = true;
      this.nextAt = startedAt + CHECK_INTERVAL_MS;
      return;
    }
    await slots.until(() => slots.isIdle || slots.isClosed, MAX_DRAIN_MS);
    if (slots.isClosed) return;
    const canBegin = this.canBegin(id);
    if (canBegin) {
      const { running } = slots;
      await slots.begin(await this.claim());
      await slots.until(() => slots.running <= running, MAX_ALONE_MS);
    }
    const endedAt = performance.now();
    this.nextAt = endedAt + (endedAt - startedAt) * (canBegin ? 1 : 10);
  }

  /**
   * True when an order is due whose attempt had to wait. The next {@link runNext} runs it. A run calls
   * it before it ends, after {@link runNext}.
   */
  async isAnyWaiting(): Promise<boolean> {
    if (this.hasFoundNone || !this.canClaim) return false;
    const isWaiting = (await this.claims.findAlone()) !== undefined;
    if (isWaiting) this.checkSoon();
    return isWaiting;
  }

  private canBegin(id: number): boolean {
    const { slots, prevented } = this;
    const drains = prevented.id === id ? prevented.drains : 0;
    const canBegin = slots.areAllFree || (drains >= MAX_FAILED_DRAINS && slots.free > 0);
    this.prevented = { id, drains: canBegin ? 0 : drains + 1 };
    return canBegin;
  }

  private async claim(): Promise<ClaimedOrder[]> {
    let claimed: ClaimedOrder[] = [];
    try {
      claimed = await this.claims.claimAlone();
    } catch (error) {
      if (isDatabaseUnavailable(error)) throw error;
      // An order that cannot be claimed must not keep others from being processed.
      this.logger.error({ msg: 'Could not claim an order that runs alone', err: error });
    }
    this.canClaim = claimed.length > 0;
    return claimed;
  }
}
