import { Injectable, Logger } from '@nestjs/common';
import { MAX_REASON_LENGTH } from '../orders/order.entity';
import { postponementSeconds } from './backoff';
import { type ClaimResult, ClaimResults, NOT_BEGUN_REASON } from './claim-results';
import type { ClaimedOrder, Lease } from './claimed-order';
import { FulfilmentPipeline } from './fulfilment-pipeline';
import { type FulfilmentOutcome, postponed } from './fulfilment-step';
import { runUntilAborted } from './run-until-aborted';

const INTERRUPTED_REASON = 'The instance that worked on it was shut down';
const SUSPECT_REASON = 'The instance that worked on it was shut down by an error';

/** Why an attempt was aborted. Steps see it as the reason of their signal. */
class AttemptAbortedError extends Error {
  constructor(
    readonly kind: 'lost' | 'interrupted' | 'suspect' | 'late',
    message: string,
  ) {
    super(message);
  }
}

/** Runs attempts at orders. */
@Injectable()
export class OrderAttempts {
  private readonly logger = new Logger(OrderAttempts.name);
  private readonly running = new Map<ClaimedOrder, AbortController>();

  constructor(
    private readonly results: ClaimResults,
    private readonly pipeline: FulfilmentPipeline,
  ) {}

  /**
   * Runs an attempt, which has been counted, unless its lease has ended meanwhile. Never rejects.
   * @returns undefined when the claim was lost
   */
  async run(order: ClaimedOrder): Promise<ClaimResult | undefined> {
    if (performance.now() >= order.lease.endsAt) return this.skip(order);
    const attempt = new AbortController();
    const { timeoutMs } = this.pipeline;
    const onLate = () => {
      const message = `Not finished within ${timeoutMs / 1_000} s`;
      attempt.abort(new AttemptAbortedError('late', message));
    };
    const deadline = setTimeout(onLate, timeoutMs);
    this.running.set(order, attempt);
    try {
      return this.resultOf(order, await this.fulfil(order, attempt.signal));
    } catch (error) {
      return this.resultOfFailure(order, error);
    } finally {
      clearTimeout(deadline);
      this.running.delete(order);
    }
  }

  /** Aborts the attempts of a lease that is lost. Their results are dropped. */
  lose(lease: Lease): void {
    for (const [order, attempt] of this.running) {
      if (order.lease !== lease) continue;
      attempt.abort(new AttemptAbortedError('lost', 'The claim was lost'));
    }
  }

  /**
   * Aborts all running attempts. Their orders are released.
   * @param areSuspect true to count the attempts, and to run the next ones alone, as after a crash
   */
  interrupt(areSuspect: boolean): void {
    const kind = areSuspect ? 'suspect' : 'interrupted';
    for (const attempt of this.running.values()) {
      attempt.abort(new AttemptAbortedError(kind, INTERRUPTED_REASON));
    }
  }

  /** Ends the claim of an order without an attempt. */
  skip(order: ClaimedOrder): ClaimResult {
    return this.results.release(order, NOT_BEGUN_REASON);
  }

  private fulfil(order: ClaimedOrder, signal: AbortSignal): Promise<FulfilmentOutcome> {
    return runUntilAborted(signal, () =>
      this.pipeline.fulfil(order, { signal, attempt: order.attempts }),
    );
  }

  private resultOf(order: ClaimedOrder, outcome: FulfilmentOutcome): ClaimResult {
    switch (outcome.kind) {
      case 'succeeded':
        return this.results.complete(order);
      case 'postponed':
        return this.results.postpone(
          order,
          toStorableReason(outcome.reason),
          postponementSeconds(outcome.delaySeconds, order.attempts),
        );
      case 'failed':
        return this.results.fail(order, toStorableReason(outcome.reason));
    }
  }

  private resultOfFailure(order: ClaimedOrder, error: unknown): ClaimResult | undefined {
    const aborted = error instanceof AttemptAbortedError ? error : undefined;
    if (aborted?.kind === 'interrupted') return this.results.release(order, INTERRUPTED_REASON);
    if (aborted?.kind === 'suspect') return this.results.suspect(order, SUSPECT_REASON);
    if (aborted?.kind === 'lost') {
      this.logger.warn({ msg: 'Dropped an attempt whose claim was lost', order_id: order.id });
      return undefined;
    }
    this.logger.error({
      msg: 'An attempt failed',
      order_id: order.id,
      attempt: order.attempts,
      step: this.pipeline.stepNames,
      err: error,
    });
    // Owners read the reason, so it contains nothing of another error.
    return this.resultOf(order, postponed(aborted?.message ?? 'An unexpected error occurred'));
  }
}

/** Removes NUL, which PostgreSQL cannot store, and limits the length. */
function toStorableReason(reason: string): string {
  return reason.replaceAll('\0', '').slice(0, MAX_REASON_LENGTH);
}
