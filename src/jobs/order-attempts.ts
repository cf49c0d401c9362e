import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { isDatabaseUnavailable } from '../database/database.errors';
import { MAX_REASON_LENGTH } from '../orders/order.entity';
import { postponementSeconds } from './backoff';
import { FulfilmentPipeline } from './fulfilment-pipeline';
import { type FulfilmentOutcome, postponed } from './fulfilment-step';
import { type ClaimedOrder, OrderClaims } from './order-claims';
import { runUntilAborted } from './run-until-aborted';

/** The pause before a result is recorded again after the database was unavailable. */
const RECORD_RETRY_MS = 500;

/** The outcome of the steps, or the signal of {@link AttemptSignals} that ended the attempt. */
type AttemptResult = FulfilmentOutcome | { readonly kind: keyof AttemptSignals };

/** What ends an attempt before its steps do. */
export interface AttemptSignals {
  /** The claim was lost: the result of the attempt is dropped. */
  readonly lost: AbortSignal;
  /** The application is shutting down: the order is released, and the attempt does not count. */
  readonly interrupted: AbortSignal;
}

/** Runs attempts at claimed orders, and records their results. */
@Injectable()
export class OrderAttempts {
  private readonly logger = new Logger(OrderAttempts.name);

  constructor(
    private readonly claims: OrderClaims,
    private readonly pipeline: FulfilmentPipeline,
  ) {}

  /**
   * Never rejects, so that one order cannot end the run of the others.
   * @returns true when the order is completed
   */
  async run(order: ClaimedOrder, signals: AttemptSignals): Promise<boolean> {
    try {
      const result = await this.fulfil(order, signals);
      return (await this.record(order, result, signals)) && result.kind === 'succeeded';
    } catch (error) {
      this.logger.error({
        msg: 'The result of an attempt was not recorded; the order is reclaimed after its lease',
        order_id: order.id,
        attempt: order.attempts,
        err: error,
      });
      return false;
    }
  }

  private async fulfil(
    order: ClaimedOrder,
    { lost, interrupted }: AttemptSignals,
  ): Promise<AttemptResult> {
    const { timeoutMs } = this.pipeline;
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = AbortSignal.any([deadline, lost, interrupted]);
    try {
      return await runUntilAborted(signal, () =>
        this.pipeline.fulfil(order, { signal, attempt: order.attempts }),
      );
    } catch (error) {
      if (lost.aborted) return { kind: 'lost' };
      if (interrupted.aborted) return { kind: 'interrupted' };
      this.logger.error({
        msg: 'An attempt failed',
        order_id: order.id,
        attempt: order.attempts,
        step: this.pipeline.stepNames,
        err: error,
      });
      // Owners read the reason, so it contains nothing of the error.
      return postponed(
        deadline.aborted
          ? `Not finished within ${timeoutMs / 1_000} s`
          : 'An unexpected error occurred',
      );
    }
  }

  /**
   * Repeats until the database is available, the claim is lost or the shutdown interrupts.
   * @returns false when the claim was lost
   */
  private async record(
    order: ClaimedOrder,
    result: AttemptResult,
    { lost, interrupted }: AttemptSignals,
  ): Promise<boolean> {
    for (;;) {
      try {
        return await this.recordOnce(order, result);
      } catch (error) {
        if (!isDatabaseUnavailable(error) || lost.aborted || interrupted.aborted) throw error;
        await delay(RECORD_RETRY_MS);
      }
    }
  }

  private recordOnce(order: ClaimedOrder, result: AttemptResult): Promise<boolean> {
    switch (result.kind) {
      case 'succeeded':
        return this.claims.complete(order);
      case 'postponed':
        return this.claims.postpone(
          order,
          toStorableReason(result.reason),
          postponementSeconds(result.delaySeconds, order.attempts),
        );
      case 'failed':
        return this.claims.fail(order, toStorableReason(result.reason));
      case 'interrupted':
        return this.claims.release(order, 'The instance that worked on it was shut down');
      case 'lost':
        this.logger.warn({ msg: 'Dropped an attempt whose claim was lost', order_id: order.id });
        return Promise.resolve(false);
    }
  }
}

/** Removes NUL, which PostgreSQL cannot store, and limits the length. */
function toStorableReason(reason: string): string {
  return reason.replaceAll('\0', '').slice(0, MAX_REASON_LENGTH);
}
