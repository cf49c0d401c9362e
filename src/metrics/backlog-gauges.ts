import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../common/clock';
import { withProbeTimeout } from '../database/probe-timeout';
import { type Backlog, OrderBacklog } from '../orders/order-backlog';

/** The pause after a reading, in milliseconds, at least. */
const MIN_PAUSE_MS = 15_000;

/** A reading that takes long is followed by a pause that is longer by this factor. */
const PAUSE_PER_DURATION = 20;

/** The pause after a reading that fails, at most, so that the gauges return soon after an outage. */
const MAX_PAUSE_AFTER_FAILURE_MS = 60_000;

/** How long the next reading may take while the latest one is served, in milliseconds. */
const MAX_DELAY_MS = 45_000;

/**
 * The state of the queue for scrapes, read at most once in 15 s. A scrape waits at most a second for
 * the database, and then has the latest reading, until that is a minute old. Readings that take longer
 * than 0.75 s are repeated less often, and served longer: at most 5 % of the time is spent on them.
 */
@Injectable()
export class BacklogGauges {
  private readonly logger = new Logger(BacklogGauges.name);
  private latest: { readonly backlog: Backlog; readonly endsAt: number } | undefined;
  private reading: Promise<void> | undefined;
  private nextAt = -Infinity;
  private hasFailed = false;

  constructor(
    private readonly backlog: OrderBacklog,
    private readonly clock: Clock,
  ) {}

  /** @returns undefined when the database has not responded for a minute */
  async get(): Promise<Backlog | undefined> {
    if (this.clock.monotonicMs() >= this.nextAt) {
      // A reading that takes longer goes on, and no other one starts meanwhile.
      this.reading ??= this.read().finally(() => (this.reading = undefined));
      await withProbeTimeout(this.reading).catch(() => undefined);
    }
    const { latest } = this;
    return latest && this.clock.monotonicMs() < latest.endsAt ? latest.backlog : undefined;
  }

  /** Never rejects. Of failures in a row, the first one is logged. */
  private async read(): Promise<void> {
    const startedAt = this.clock.monotonicMs();
    const pauseMs = () =>
      Math.max(MIN_PAUSE_MS, (this.clock.monotonicMs() - startedAt) * PAUSE_PER_DURATION);
    try {
      const backlog = await this.backlog.read();
      this.nextAt = this.clock.monotonicMs() + pauseMs();
      this.latest = { backlog, endsAt: this.nextAt + MAX_DELAY_MS };
      this.hasFailed = false;
    } catch (error) {
      const failurePauseMs = Math.min(pauseMs(), MAX_PAUSE_AFTER_FAILURE_MS);
      this.nextAt = this.clock.monotonicMs() + failurePauseMs;
      if (!this.hasFailed) {
        this.logger.warn({ msg: 'The state of the queue for metrics cannot be read', err: error });
      }
      this.hasFailed = true;
    }
  }
}
