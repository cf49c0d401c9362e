import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { isDatabaseUnavailable } from '../database/database.errors';
import { MAX_REASON_LENGTH } from '../orders/order.entity';
import { type ClaimedOrder, OrderClaims } from './order-claims';
import { beforeAbort } from './before-abort';
import { FULFILMENT_STEP, type FulfilmentOutcome, type FulfilmentStep } from './fulfilment-step';
import { delayAfterAttempt } from './retry-policy';

/** How long a result waits before it is offered again to a database that was away. */
const RECORD_AGAIN_MS = 500;

/** Steps may be written in JavaScript, or forget to answer. */
const OUTCOME_KINDS: ReadonlySet<unknown> = new Set(['succeeded', 'retry', 'failed']);

/** How an attempt ended; `released` and `lost` when it was broken off, see {@link AttemptSignals}. */
type AttemptEnd = FulfilmentOutcome | { readonly kind: 'released' | 'lost' };

/** What can end an attempt from outside. */
export interface AttemptSignals {
  /** The claim was lost: whatever comes of the attempt counts for nothing. */
  readonly lost: AbortSignal;
  /** The application can wait no longer. */
  readonly stop: AbortSignal;
}

/** Works on claimed orders, and records what came of it. */
@Injectable()
export class OrderAttempts {
  private readonly logger = new Logger(OrderAttempts.name);

  constructor(
    private readonly claims: OrderClaims,
    @Inject(FULFILMENT_STEP) private readonly step: FulfilmentStep,
    private readonly config: AppConfig,
  ) {}

  /**
   * Never rejects: an order that fails must not hold up the others.
   * @returns true when the order is completed
   */
  async run(order: ClaimedOrder, signals: AttemptSignals): Promise<boolean> {
    try {
      const end = await this.fulfil(order, signals);
      return (await this.record(order, end, signals)) && end.kind === 'succeeded';
    } catch (error) {
      this.logger.error({
        msg: 'The end of an attempt was not recorded; the order is due again after its lease',
        order_id: order.id,
        attempt: order.attempts,
        err: error,
      });
      return false;
    }
  }

  private async fulfil(order: ClaimedOrder, { lost, stop }: AttemptSignals): Promise<AttemptEnd> {
    const timeoutMs = this.step.timeoutMs ?? this.config.processing.attemptTimeoutMs;
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([deadline, lost, stop]);
    try {
      const outcome = await beforeAbort(signal, () =>
        this.step.fulfil(order, { signal, attempt: order.attempts }),
      );
      if (!OUTCOME_KINDS.has(outcome?.kind)) throw new TypeError('The step gave no outcome');
      return outcome;
    } catch (error) {
      if (lost.aborted) return { kind: 'lost' };
      if (stop.aborted) return { kind: 'released' };
      this.logger.error({
        msg: 'An attempt failed',
        order_id: order.id,
        attempt: order.attempts,
        step: this.step.name,
        err: error,
      });
      // Owners read the reason, so it says nothing of the error.
      const reason = deadline.aborted
        ? `Not finished within ${timeoutMs / 1_000} s`
        : 'An unexpected error occurred';
      return { kind: 'retry', reason };
    }
  }

  /** Offers the end of the attempt until the database takes it, or it does not count any more. */
  private async record(
    order: ClaimedOrder,
    end: AttemptEnd,
    { lost, stop }: AttemptSignals,
  ): Promise<boolean> {
    for (;;) {
      try {
        return await this.recordOnce(order, end);
      } catch (error) {
        if (!isDatabaseUnavailable(error) || lost.aborted || stop.aborted) throw error;
        await delay(RECORD_AGAIN_MS);
      }
    }
  }

  private recordOnce(order: ClaimedOrder, end: AttemptEnd): Promise<boolean> {
    switch (end.kind) {
      case 'succeeded':
        return this.claims.complete(order);
      case 'lost':
        this.logger.warn({ msg: 'Dropped an attempt whose claim was lost', order_id: order.id });
        return Promise.resolve(false);
      case 'released':
        return this.claims.release(order, 'The instance that worked on it was shut down');
      case 'failed':
        return this.claims.fail(order, storable(end.reason));
      case 'retry':
        return this.claims.postpone(
          order,
          storable(end.reason),
          delayAfterAttempt(end.delaySeconds, order.attempts),
        );
    }
  }
}

/** PostgreSQL cannot store NUL, and an order must not get stuck on what a step says. */
function storable(reason: string): string {
  return reason.replaceAll('\0', '').slice(0, MAX_REASON_LENGTH);
}
