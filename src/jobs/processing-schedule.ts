import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Cron, SchedulerRegistry } from '@nestjs/schedule';
import { CronTime } from 'cron';
import { AppConfig } from '../config/app-config';
import { DEFAULT_PROCESSING_CRON } from '../config/environment';
import { ProcessingDisabledError } from './jobs.errors';
import { OrderProcessor } from './order-processor';

const JOB_NAME = 'process-orders';

/** A tick that comes late, because the machine was busy, is run late; by default it is left out. */
const LATEST_TICK_MS = 60_000;

/** Wakes the processor at the times of `PROCESSING_CRON`, and on request. */
@Injectable()
export class ProcessingSchedule implements OnApplicationBootstrap {
  private readonly logger = new Logger(ProcessingSchedule.name);

  constructor(
    private readonly processor: OrderProcessor,
    private readonly registry: SchedulerRegistry,
    private readonly config: AppConfig,
  ) {}

  /** A run that fails, say because the database is away, is left to the next tick. */
  @Cron(DEFAULT_PROCESSING_CRON, { name: JOB_NAME, threshold: LATEST_TICK_MS })
  async tick(): Promise<void> {
    try {
      await this.processor.runOnce();
    } catch (error) {
      this.logger.error({ msg: 'A processing run failed; the next tick tries again', err: error });
    }
  }

  /**
   * Starts a run without waiting for it.
   * @throws ProcessingDisabledError
   */
  wake(): void {
    if (!this.config.processing.enabled) throw new ProcessingDisabledError();
    void this.tick();
  }

  /** The decorator is fixed when the file is loaded, before there is a configuration. */
  async onApplicationBootstrap(): Promise<void> {
    const { enabled, cron } = this.config.processing;
    const job = this.registry.getCronJob(JOB_NAME);
    if (enabled) job.setTime(new CronTime(cron));
    else await job.stop();
  }
}
