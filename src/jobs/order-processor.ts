import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/app-config';
import { type ClaimedOrder, OrderClaims } from '../orders/order-claims';
import { FULFILMENT_STEP, type FulfilmentStep } from './fulfilment-step';

/** Carries due orders through processing to completed. */
@Injectable()
export class OrderProcessor implements BeforeApplicationShutdown {
  private readonly logger = new Logger(OrderProcessor.name);
  private currentRun: Promise<number> | undefined;
  private isStopping = false;

  constructor(
    private readonly claims: OrderClaims,
    @Inject(FULFILMENT_STEP) private readonly step: FulfilmentStep,
    private readonly config: AppConfig,
  ) {}

  /**
   * Processes until nothing is due any more. While a run is going on, another one is not started.
   * @returns how many orders this call completed
   */
  async runOnce(): Promise<number> {
    if (this.currentRun) {
      this.logger.warn('Skipped: the previous run is still going on');
      return 0;
    }
    this.currentRun = this.drain();
    try {
      return await this.currentRun;
    } finally {
      this.currentRun = undefined;
    }
  }

  /** Claims nothing more, and lets the claimed orders finish. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await Promise.allSettled([this.currentRun]);
  }

  private async drain(): Promise<number> {
    const { concurrency, batchSize } = this.config.processing;
    const running = new Set<Promise<void>>();
    let completed = 0;
    try {
      while (!this.isStopping) {
        const batch = await this.claims.claim(batchSize);
        for (const order of batch) {
          if (running.size >= concurrency) await Promise.race(running);
          const work = this.process(order).then((isCompleted) => {
            running.delete(work);
            if (isCompleted) completed++;
          });
          running.add(work);
        }
        if (batch.length < batchSize) await Promise.all(running);
        if (batch.length === 0) break;
      }
    } finally {
      await Promise.all(running);
      if (completed > 0) this.logger.log({ msg: 'Processing run finished', completed });
    }
    return completed;
  }

  /** Never rejects: an order that fails is left to its lease, and must not hold up the others. */
  private async process(order: ClaimedOrder): Promise<boolean> {
    const { leaseSeconds } = this.config.processing;
    try {
      await this.step.fulfil(order, {
        signal: AbortSignal.timeout(leaseSeconds * 1000),
        attempt: order.attempts,
      });
      const isCompleted = await this.claims.complete(order);
      if (!isCompleted) {
        this.logger.warn({ msg: 'Dropped the completion of a lost claim', order_id: order.id });
      }
      return isCompleted;
    } catch (error) {
      this.logger.error({
        msg: 'Processing failed; the order is due again when its lease expires',
        order_id: order.id,
        attempt: order.attempts,
        step: this.step.name,
        err: error,
      });
      return false;
    }
  }
}
