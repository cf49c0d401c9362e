import type { SchedulerRegistry } from '@nestjs/schedule';
import { CronTime } from 'cron';

/** Options of jobs whose times are configured. */
export const CONFIGURED_JOB = {
  /** A tick that is late by up to this time still runs, in milliseconds; the library's default is 250. */
  threshold: 60_000,
} as const;

/**
 * Sets the times of a job, after the decorators of jobs were applied: those run before there is a
 * configuration.
 * @param cron a valid cron expression
 */
export function setConfiguredTimes(
  registry: SchedulerRegistry,
  job: string,
  cron: string,
): CronTime {
  const time = new CronTime(cron);
  registry.getCronJob(job).setTime(time);
  return time;
}
