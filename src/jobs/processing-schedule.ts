import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Cron, SchedulerRegistry } from '@nestjs/schedule';
import { CronTime } from 'cron';
import { AppConfig } from '../config/app-config';
import { DEFAULT_PROCESSING_CRON } from '../config/environment';
import { ProcessingDisabledError } from './jobs.errors';
import { OrderProcessor } from './order-processor';

const JOB_NAME = 'process-orders';

/** A tick that is late by up to this time still runs; by default the library skips it. */
const MAX_TICK_DELAY_MS = 60_000;

/** Starts runs of the processor at the times of `PROCESSING_CRON`, and on request. */
@Injectable()
export class ProcessingSchedule implements OnApplicationBootstrap {
  private readonly logger = new Logger(ProcessingSchedule.name);

  constructor(
    private readonly processor: OrderProcessor,
    private readonly registry: SchedulerRegistry,
    private readonly config: AppConfig,
  ) {}

  /** Never rejects. After a run that fails, for example without a database, the next tick runs again. */
  @Cron(DEFAULT_PROCESSING_CRON, { name: JOB_NAME, threshold: MAX_TICK_DELAY_MS })
  async handleTick(): Promise<void> {
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
  requestRun(): void {
    if (!this.config.processing.enabled) throw new ProcessingDisabledError();
    void this.handleTick();
  }

  /** Sets the configured times here, because the decorator runs before there is a configuration. */
  async onApplicationBootstrap(): Promise<void> {
    const { enabled, cron } = this.config.processing;
    const job = this.registry.getCronJob(JOB_NAME);
    if (enabled) job.setTime(new CronTime(cron));
    else await job.stop();
  }
}
