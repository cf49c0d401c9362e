import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Cron, SchedulerRegistry } from '@nestjs/schedule';
import { CronTime } from 'cron';
import { AppConfig } from '../config/app-config';
import { DEFAULT_PROCESSING_CRON } from '../config/environment';
import { OrderProcessor } from './order-processor';

const JOB_NAME = 'process-orders';

/** Wakes the processor at the times of `PROCESSING_CRON`. */
@Injectable()
export class ProcessingCron implements OnApplicationBootstrap {
  constructor(
    private readonly processor: OrderProcessor,
    private readonly registry: SchedulerRegistry,
    private readonly config: AppConfig,
  ) {}

  @Cron(DEFAULT_PROCESSING_CRON, { name: JOB_NAME })
  async tick(): Promise<void> {
    await this.processor.runOnce();
  }

  /** The decorator is fixed when the file is loaded, before there is a configuration. */
  async onApplicationBootstrap(): Promise<void> {
    const { enabled, cron } = this.config.processing;
    const job = this.registry.getCronJob(JOB_NAME);
    if (enabled) job.setTime(new CronTime(cron));
    else await job.stop();
  }
}
