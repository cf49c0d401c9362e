import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Cron, SchedulerRegistry } from '@nestjs/schedule';
import type { CronTime } from 'cron';
import { CONFIGURED_JOB, setConfiguredTimes } from '../common/cron-jobs';
import { Measurements } from '../common/measurements';
import { Tracing } from '../common/tracing';
import { AppConfig } from '../config/app-config';
import { DEFAULT_PROCESSING_CRON } from '../config/environment';
import { OrderProcessor } from './order-processor';
import { ProcessingControl } from './processing-control';

const JOB_NAME = 'process-orders';

/** Enough for intervals that vary within an hour, such as those of `0 0,10,30 * * * *`. */
const RUNS_COMPARED = 8;

/** Starts runs of the processor at the times of `PROCESSING_CRON`, and when processing is woken. */
@Injectable()
export class ProcessingSchedule implements OnApplicationBootstrap {
  private readonly logger = new Logger(ProcessingSchedule.name);
  /** Undefined where orders are not processed. */
  private time: CronTime | undefined;
  private nextRun: { readonly at: number | undefined } | undefined;

  constructor(
    private readonly processor: OrderProcessor,
    private readonly control: ProcessingControl,
    private readonly registry: SchedulerRegistry,
    private readonly config: AppConfig,
    private readonly measurements: Measurements,
    private readonly tracing: Tracing,
  ) {}

  /** Never rejects. After a run that fails, for example without a database, the next tick runs again. */
  @Cron(DEFAULT_PROCESSING_CRON, { name: JOB_NAME, ...CONFIGURED_JOB })
  async handleTick(): Promise<void> {
    this.nextRun = undefined;
    try {
      await this.processor.runOnce();
    } catch (error) {
      this.logger.error({ msg: 'A processing run failed; the next tick tries again', err: error });
    }
  }

  /**
   * When the next run begins by `PROCESSING_CRON`, in milliseconds since the epoch, by the wall clock.
   * Undefined when there is none, or it is years away.
   */
  get nextRunAt(): number | undefined {
    if (!this.time) return undefined;
    if ((this.nextRun?.at ?? Infinity) <= Date.now()) this.nextRun = undefined;
    // Kept, because it takes long to compute when it is far away.
    this.nextRun ??= { at: nextRunOf(this.time) };
    return this.nextRun.at;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { enabled, cron } = this.config.processing;
    if (!enabled) {
      await this.registry.getCronJob(JOB_NAME).stop();
      return;
    }
    const time = setConfiguredTimes(this.registry, JOB_NAME, cron);
    this.time = time;
    this.control.onWake(() => this.startRun());
    let interval: { seconds?: number } | undefined; // computed at the first scrape: it takes 11 to 184 ms
    this.measurements.provide('orders_run_interval_seconds', () => {
      interval ??= { seconds: longestInterval(time) };
      return interval.seconds;
    });
  }

  /** Does not wait for the run, which does not belong to the request that wakes processing. */
  private startRun(): void {
    void this.tracing.detach(() => this.handleTick());
  }
}

/** In milliseconds since the epoch. */
function nextRunOf(time: CronTime): number | undefined {
  try {
    return time.sendAt().toMillis();
  } catch {
    return undefined; // years away
  }
}

/** The longest time between two of the next runs, in seconds; undefined when they are years apart. */
function longestInterval(time: CronTime): number | undefined {
  try {
    const runs = time.sendAt(RUNS_COMPARED).map((run) => run.toMillis());
    const intervals = runs.slice(1).map((run, n) => run - (runs[n] ?? run));
    return Math.max(...intervals) / 1_000;
  } catch {
    return undefined;
  }
}
