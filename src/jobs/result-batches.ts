import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { isDatabaseUnavailable } from '../database/database.errors';
import { fieldsOf } from '../orders/responsible-request';
import { TransitionHookError } from '../orders/transition-hook.error';
import { type ClaimResult, ClaimResults } from './claim-results';
import { MAX_HOOK_TRIES, isTransient, logHookFailure } from './hook-failures';

/** How long a batch that is not full waits for more results, in milliseconds. */
const MAX_BATCH_DELAY_MS = 3;

/** The pause before a result is recorded again, in milliseconds. */
const RETRY_MS = 500;

/** How long hooks that fail may hold up a shutdown after its grace period, in milliseconds. */
const MAX_FAILING_HOOKS_MS = 5_000;

interface WaitingResult {
  result: ClaimResult;
  /** How often its hooks have failed. */
  hookFailures: number;
  readonly resolve: (recorded: ClaimResult['kind'] | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** Records the results of many attempts in few transactions. A result that fails does not affect others. */
@Injectable()
export class ResultBatches {
  private readonly logger = new Logger(ResultBatches.name);
  private waiting: WaitingResult[] = [];
  private isRecording = false;
  private isStopping = false;
  /** How long hooks that failed have taken since {@link stopRetrying}. */
  private failingHooksMs = 0;

  constructor(
    private readonly results: ClaimResults,
    private readonly config: AppConfig,
  ) {}

  /**
   * Records a result. It is tried again while the database is unavailable or the order is locked. When
   * its hooks fail, another result is recorded, see {@link ClaimResults.afterHookFailure}.
   * @returns the kind of the recorded result; undefined when the claim was lost
   * @throws an error of the database; after {@link stopRetrying} also an Error when the order is locked, or
   * when hooks have failed for too long. The lease of the order expires then.
   */
  record(result: ClaimResult): Promise<ClaimResult['kind'] | undefined> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ result, hookFailures: 0, resolve, reject });
      if (!this.isRecording) void this.recordAll();
    });
  }

  /** From now on, a result that cannot be recorded is rejected instead of tried again. */
  stopRetrying(): void {
    this.isStopping = true;
  }

  /** Never rejects. */
  private async recordAll(): Promise<void> {
    this.isRecording = true;
    const { batchSize } = this.config.processing;
    while (this.waiting.length > 0) {
      if (this.waiting.length < batchSize) await delay(MAX_BATCH_DELAY_MS);
      await this.recordBatch(this.takeBatch(batchSize));
    }
    this.isRecording = false;
  }

  /**
   * Takes one result of each order. After an outage, the result of a lost claim can wait beside the
   * one of the current claim, and the statements tell results apart by the id of their order.
   */
  private takeBatch(size: number): WaitingResult[] {
    const batch = new Map<number, WaitingResult>();
    const rest: WaitingResult[] = [];
    for (const waiting of this.waiting) {
      const { id } = waiting.result.order;
      if (batch.size === size || batch.has(id)) rest.push(waiting);
      else batch.set(id, waiting);
    }
    this.waiting = rest;
    return [...batch.values()];
  }

  private async recordBatch(batch: readonly WaitingResult[]): Promise<void> {
    let open = batch;
    if (this.failingHooksMs > MAX_FAILING_HOOKS_MS) {
      for (const { reject } of batch) reject(new Error('Hooks have held up the shutdown'));
      return;
    }
    const startedAt = performance.now();
    try {
      const ended = await this.results.record(batch.map(({ result }) => result));
      for (const { result, resolve } of batch) if (ended.has(result.order.id)) resolve(result.kind);
      open = batch.filter(({ result }) => !ended.has(result.order.id));
      await this.endOrTryAgain(open);
    } catch (error) {
      if (this.isStopping && error instanceof TransitionHookError) {
        this.failingHooksMs += performance.now() - startedAt;
      }
      if (isDatabaseUnavailable(error)) {
        for (const waiting of open) this.tryAgain(waiting, error);
      } else if (open.length > 1) {
        // One of them cannot be recorded. Alone it does not affect the others.
        for (const waiting of open) await this.recordBatch([waiting]);
      } else {
        for (const waiting of open) this.rejectOrReplace(waiting, error);
      }
    }
  }

  private rejectOrReplace(waiting: WaitingResult, error: unknown): void {
    if (!(error instanceof TransitionHookError)) {
      waiting.reject(error);
      return;
    }
    waiting.hookFailures++;
    if (isTransient(error) && waiting.hookFailures < MAX_HOOK_TRIES) {
      this.tryAgain(waiting, error);
      return;
    }
    const { result } = waiting;
    waiting.result = this.results.afterHookFailure(result, error);
    waiting.hookFailures = 0;
    const { kind, withoutHooks = false } = waiting.result;
    logHookFailure(this.logger, result.order, error, withoutHooks ? `${kind} without it` : kind);
    this.waiting.push(waiting); // recorded with the next batch
  }

  /** Drops the results of claims that were lost. The other orders are locked. */
  private async endOrTryAgain(batch: readonly WaitingResult[]): Promise<void> {
    const held = await this.results.holding(batch.map(({ result }) => result.order));
    for (const waiting of batch) {
      const { order, kind } = waiting.result;
      if (held.has(order)) {
        this.tryAgain(waiting, new Error('The order is locked'));
        continue;
      }
      this.logger.warn({
        msg: 'Dropped the result of a lost claim',
        ...fieldsOf(order),
        result: kind,
      });
      waiting.resolve(undefined);
    }
  }

  private tryAgain(waiting: WaitingResult, error: unknown): void {
    if (this.isStopping) {
      waiting.reject(error);
      return;
    }
    setTimeout(() => {
      this.waiting.push(waiting);
      if (!this.isRecording) void this.recordAll();
    }, RETRY_MS);
  }
}
