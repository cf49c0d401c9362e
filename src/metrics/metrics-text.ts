import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { Pacing } from '../common/pacing';
import { BacklogGauges } from './backlog-gauges';
import { PrometheusMetrics } from './prometheus-metrics';

/** How long the pause after a collection is at most, in milliseconds. */
const MAX_PAUSE_MS = 1_000;

/** The response to a scrape. */
@Injectable()
export class MetricsText {
  private collecting: Promise<string> | undefined;
  private readonly pacing = new Pacing(0, MAX_PAUSE_MS);

  constructor(
    private readonly metrics: PrometheusMetrics,
    private readonly backlog: BacklogGauges,
  ) {}

  /**
   * Scrapes that arrive before a collection, or during it, share it. Writing the text blocks the event
   * loop, so a collection waits until the last one is 20 times as long ago as it took, a second at most.
   * Then the database has a second to respond.
   */
  get(): Promise<string> {
    this.collecting ??= this.collect().finally(() => (this.collecting = undefined));
    return this.collecting;
  }

  private async collect(): Promise<string> {
    if (!this.pacing.isDue) await delay(this.pacing.remainingPauseMs);
    const backlog = await this.backlog.get();
    this.metrics.set('orders_pending', backlog?.pending);
    this.metrics.set('orders_processing', backlog?.processing);
    this.metrics.set('orders_failed', backlog?.failed);
    this.metrics.set('orders_oldest_due_age_seconds', backlog?.oldestDueAge);
    this.metrics.set('events_oldest_unnumbered_age_seconds', backlog?.oldestUnnumberedAge);
    return this.pacing.run(() => this.metrics.text());
  }
}
