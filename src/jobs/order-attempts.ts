import { Injectable, Logger } from '@nestjs/common';
import { MAX_REASON_LENGTH } from '../orders/order.entity';
import { postponementSeconds } from './backoff';
import { type ClaimResult, ClaimResults } from './claim-results';
import type { ClaimedOrder } from './claimed-order';
import { FulfilmentPipeline } from './fulfilment-pipeline';
import { type FulfilmentOutcome, postponed } from './fulfilment-step';
import { runUntilAborted } from './run-until-aborted';

const INTERRUPTED_REASON = 'The instance that worked on it was shut down';

/** Why an attempt was aborted. Steps see it as the reason of their signal. */
class AttemptAbortedError extends Error {
  constructor(
    readonly kind: 'lost' | 'interrupted' | 'late',
    message: string,
  ) {
    super(message);
  }
}

/** Runs attempts at orders. */
@Injectable()
export class OrderAttempts {
  private readonly logger = new Logger(OrderAttempts.name);
  private readonly running = new Set<AbortController>();

  constructor(
    private readonly results: ClaimResults,
    private readonly pipeline: FulfilmentPipeline,
  ) {}

  /**
   * Runs an attempt, which has been counted. Never rejects.
   * @param lost is aborted when the claim is lost
   * @returns undefined when the claim was lost
   */
  async run(order: ClaimedOrder, lost: AbortSignal): Promise<ClaimResult | undefined> {
    const attempt = new AbortController();
    const { timeoutMs } = this.pipeline;
    const onLost = () => attempt.abort(new AttemptAbortedError('lost', 'The claim was lost'));
    const onLate = () => {
      const message = `Not finished within ${timeoutMs / 1_000} s`;
      attempt.abort(new AttemptAbortedError('late', message));
    };
    const deadline = setTimeout(onLate, timeoutMs);
    lost.addEventListener('abort', onLost, { once: true });
    if (lost.aborted) onLost();
    this.running.add(attempt);
    try {
      return this.resultOf(order, await this.fulfil(order, attempt.signal));
    } catch (error) {
      return this.resultOfFailure(order, error);
    } finally {
      clearTimeout(deadline);
      lost.removeEventListener('abort', onLost);
      this.running.delete(attempt);
    }
  }

  /** Aborts the running attempts. Their orders are released. */
  interrupt(): void {
    for (const attempt of this.running) {
      attempt.abort(new AttemptAbortedError('interrupted', INTERRUPTED_REASON));
    }
  }

  /** Ends the claim of an order without an attempt. */
  skip(order: ClaimedOrder): ClaimResult {
    return this.results.release(order, 'The instance that claimed it did not begin');
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
