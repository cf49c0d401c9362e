import { Injectable, Logger } from '@nestjs/common';
import { type AttemptOutcome, Measurements } from '../common/measurements';
import { type OpenSpan, Tracing } from '../common/tracing';
import { RELEASE_REASON } from '../orders/release-reasons';
import { fieldsOf } from '../orders/responsible-request';
import type { TransitionHookError } from '../orders/transition-hook.error';
import { Attempt, AttemptAbortedError } from './attempt';
import { UNEXPECTED_ERROR_REASON, postponementSeconds } from './backoff';
import { type ClaimResult, ClaimResults } from './claim-results';
import type { ClaimedOrder, Lease } from './claimed-order';
import { FulfilmentPipeline } from './fulfilment-pipeline';
import { type FulfilmentOutcome, postponed } from './fulfilment-step';
import { logHookFailure } from './hook-failures';
import { toStorableReason } from './storable-reason';

/** How the outcomes of attempts are measured. */
const OUTCOME_OF = {
  complete: 'completed',
  postpone: 'postponed',
  fail: 'failed',
  release: 'released',
  suspect: 'suspect',
} as const satisfies Record<ClaimResult['kind'], AttemptOutcome>;

/** Runs attempts at orders. */
@Injectable()
export class OrderAttempts {
  private readonly logger = new Logger(OrderAttempts.name);
  private readonly running = new Map<ClaimedOrder, Attempt>();

  constructor(
    private readonly results: ClaimResults,
    private readonly pipeline: FulfilmentPipeline,
    private readonly measurements: Measurements,
    private readonly tracing: Tracing,
  ) {}

  /**
   * Runs an attempt, which has been counted, unless its lease has ended meanwhile. Never rejects.
   * @returns undefined when the claim was lost
   */
  async run(order: ClaimedOrder): Promise<ClaimResult | undefined> {
    if (performance.now() >= order.lease.endsAt) return this.skip(order);
    const attributes = { 'order.id': order.id, 'order.attempt': order.attempts };
    return this.tracing.trace('process order', attributes, async (span) => {
      const startedAt = performance.now();
      const result = await this.attempt(order, span);
      const outcome = result ? OUTCOME_OF[result.kind] : 'lost';
      span.setAttributes({ 'order.outcome': outcome });
      this.measurements.attemptEnded(outcome, (performance.now() - startedAt) / 1_000);
      return result;
    });
  }

  private async attempt(order: ClaimedOrder, span: OpenSpan): Promise<ClaimResult | undefined> {
    if (order.hookFailure) return this.resultOfHookFailure(order, order.hookFailure);
    const attempt = new Attempt(order.attempts);
    const { timeoutMs } = this.pipeline;
    const onLate = () => {
      const message = `Not finished within ${timeoutMs / 1_000} s`;
      attempt.abort(new AttemptAbortedError('late', message));
    };
    const deadline = setTimeout(onLate, timeoutMs);
    this.running.set(order, attempt);
    try {
      const outcome = await attempt.run(() => this.pipeline.fulfil(order, attempt.context));
      return this.resultOf(order, outcome);
    } catch (error) {
      return this.resultOfFailure(order, span, error);
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
      attempt.abort(new AttemptAbortedError(kind, RELEASE_REASON.interrupted));
    }
  }

  /** Ends the claim of an order without an attempt. */
  skip(order: ClaimedOrder): ClaimResult {
    return this.results.release(order, RELEASE_REASON.notBegun);
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

  /** The hooks of the claim have failed: the attempt fails before its first step. */
  private resultOfHookFailure(order: ClaimedOrder, failure: TransitionHookError): ClaimResult {
    const result = this.results.afterHookFailure(
      { order, kind: 'complete', reason: null },
      failure,
    );
    logHookFailure(this.logger, order, failure, result.kind);
    return result;
  }

  private resultOfFailure(
    order: ClaimedOrder,
    span: OpenSpan,
    error: unknown,
  ): ClaimResult | undefined {
    const aborted = error instanceof AttemptAbortedError ? error : undefined;
    if (aborted?.kind === 'interrupted')
      return this.results.release(order, RELEASE_REASON.interrupted);
    if (aborted?.kind === 'suspect') return this.results.suspect(order, RELEASE_REASON.suspect);
    if (aborted?.kind === 'lost') {
      this.logger.warn({ msg: 'Dropped an attempt whose claim was lost', ...fieldsOf(order) });
      return undefined;
    }
    span.fail(aborted ?? causeOf(error));
    this.logger.error({
      msg: 'An attempt failed',
      ...fieldsOf(order),
      attempt: order.attempts,
      step: this.pipeline.stepNames,
      err: error,
    });
    // Owners read the reason, so it contains nothing of another error.
    return this.resultOf(order, postponed(aborted?.message ?? UNEXPECTED_ERROR_REASON));
  }
}

/** The error of the step that has failed. */
function causeOf(error: unknown): unknown {
  return error instanceof Error ? (error.cause ?? error) : error;
}
