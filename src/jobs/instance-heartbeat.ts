import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Clock } from '../common/clock';
import { packageVersion } from '../common/package-file';
import { PeriodicWork, type Repetition } from '../common/periodic-work';
import { AppConfig } from '../config/app-config';
import { withProbeTimeout } from '../database/probe-timeout';
import { AttemptSlots } from './attempt-slots';
import { Instances } from './instances';
import { OrderProcessor } from './order-processor';
import { ProcessingSchedule } from './processing-schedule';

/** How often an instance reports itself while its state changes, in milliseconds. */
const MIN_INTERVAL_MS = 2_000;

/** How often it reports itself otherwise, in milliseconds: on SQLite, each report syncs the disk. */
const MAX_INTERVAL_MS = 10_000;

/** How often it deletes the reports of instances that are gone, in milliseconds. */
const SWEEP_INTERVAL_MS = 60_000;

const MAX_HOST_LENGTH = 60;

/** What a report tells of the job. */
interface JobState {
  readonly processing: boolean;
  readonly inFlight: number;
  /** In milliseconds of `performance.now()`. */
  readonly lastRunAt: number | undefined;
  /** In milliseconds since the epoch, by the wall clock. */
  readonly nextRunAt: number | undefined;
}

/** Reports this instance to the others, from its start to the end of its shutdown. */
@Injectable()
export class InstanceHeartbeat implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(InstanceHeartbeat.name);
  private readonly startedAt = performance.now();
  private readonly id = createInstanceId();
  private reported: { readonly state: JobState; readonly at: number } | undefined;
  private nextSweepAt = -Infinity;
  private beating: Repetition | undefined;

  constructor(
    private readonly instances: Instances,
    private readonly slots: AttemptSlots,
    private readonly processor: OrderProcessor,
    private readonly schedule: ProcessingSchedule,
    private readonly config: AppConfig,
    private readonly clock: Clock,
    private readonly periodic: PeriodicWork,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const beat = () => this.beat();
    this.beating = await this.periodic.start('report this instance', MIN_INTERVAL_MS, beat);
  }

  /** Runs have ended, and requests have been served. If it fails, others list the instance for a minute. */
  async onApplicationShutdown(): Promise<void> {
    await this.beating?.stop();
    if (!this.reported) return;
    try {
      await withProbeTimeout(this.instances.delete(this.id));
    } catch (error) {
      this.logger.warn({ msg: 'The report of this instance could not be deleted', err: error });
    }
  }

  private async beat(): Promise<void> {
    const now = this.clock.monotonicMs();
    const state = this.jobState();
    const { reported } = this;
    if (!reported || isDifferent(state, reported.state) || now - reported.at >= MAX_INTERVAL_MS) {
      await this.report(state);
      this.reported = { state, at: now };
    }
    if (now < this.nextSweepAt) return;
    await this.instances.deleteGone();
    this.nextSweepAt = now + SWEEP_INTERVAL_MS;
  }

  private jobState(): JobState {
    const { enabled } = this.config.processing;
    return {
      processing: enabled && !this.slots.isClosed,
      inFlight: this.slots.running,
      lastRunAt: this.processor.lastSearchAt,
      nextRunAt: this.schedule.nextRunAt,
    };
  }

  private async report({ processing, inFlight, lastRunAt, nextRunAt }: JobState): Promise<void> {
    const { enabled, concurrency } = this.config.processing;
    const previous = this.reported?.state;
    const now = performance.now();
    await this.instances.report({
      id: this.id,
      version: packageVersion(),
      processing,
      concurrency: enabled ? concurrency : 0,
      inFlight,
      secondsSinceStart: toSeconds(now - this.startedAt),
      secondsSinceRun: lastRunAt === undefined ? null : toSeconds(now - lastRunAt),
      secondsToNextRun: nextRunAt === undefined ? null : toSeconds(nextRunAt - Date.now()),
      areRunsNew: previous?.lastRunAt !== lastRunAt || previous?.nextRunAt !== nextRunAt,
    });
  }
}

/** Has the host and the process id, by which operators find the instance, and differs after each start. */
function createInstanceId(): string {
  const host = hostname().slice(0, MAX_HOST_LENGTH);
  return `${host}-${process.pid}-${randomBytes(4).toString('hex')}`;
}

function isDifferent(a: JobState, b: JobState): boolean {
  return (Object.keys(a) as (keyof JobState)[]).some((key) => a[key] !== b[key]);
}

/** In seconds, rounded to milliseconds. */
function toSeconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1_000;
}
