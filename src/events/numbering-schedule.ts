import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { backlogPauseMs, eventPauseMs, pause } from '../common/pause';
import { PeriodicWork, type Repetition } from '../common/periodic-work';
import { withProbeTimeout } from '../database/probe-timeout';
import { OrderEvents } from '../orders/order-events';
import { EventNumbering, NUMBERING_BATCH_SIZE } from './event-numbering';
import { LogGrowth } from './log-growth';

/** How often entries of other processes, and those that were missed, are looked for, in milliseconds. */
const POLL_MS = 1_000;

/** How long entries wait for others that are numbered with them, in milliseconds, at least and at most. */
const MIN_COLLECT_MS = 10;
const MAX_COLLECT_MS = 40;

/**
 * The pause after another instance was found numbering entries, in milliseconds. That instance may not have seen
 * the entries of this one.
 */
const BUSY_MS = 30;

/** Numbers new entries of the history: soon after a commit in this process, and once a second. */
@Injectable()
export class NumberingSchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(NumberingSchedule.name);
  private repetition: Repetition | undefined;
  private isWoken = false;
  private readonly stopping = new AbortController();
  /** When the pause after the last run ends, in milliseconds of `performance.now()`. */
  private notBefore = 0;

  constructor(
    private readonly numbering: EventNumbering,
    private readonly growth: LogGrowth,
    private readonly periodic: PeriodicWork,
    events: OrderEvents,
  ) {
    events.onCommit(() => {
      this.isWoken = true;
      this.repetition?.hasten(Math.max(MIN_COLLECT_MS, this.notBefore - performance.now()));
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    // The start does not wait for a backlog: the first time, nothing is done yet.
    this.repetition = await this.periodic.start('number events', POLL_MS, () => this.run());
    this.repetition.hasten(0);
  }

  /** Runs and requests have ended. If it fails, others number the rest, or this instance at its next start. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.repetition?.stop();
    if (!this.isWoken) return;
    try {
      await withProbeTimeout(this.numbering.number());
    } catch (error) {
      this.logger.warn({ msg: 'The last events were not numbered', err: error });
    }
  }

  private async run(): Promise<void> {
    if (!this.repetition) return;
    // Commits during the last run have woken this one before its pause was known.
    await pause(this.notBefore - performance.now(), this.stopping.signal);
    const wasWoken = this.isWoken;
    this.isWoken = false;
    let isDone = false;
    try {
      isDone = await this.numberNewEntries(wasWoken);
    } finally {
      // The next run, or the shutdown, numbers the entries of this process.
      if (wasWoken && !isDone) this.isWoken = true;
    }
  }

  /** @returns whether all entries that this process has committed before have positions */
  private async numberNewEntries(wasWoken: boolean): Promise<boolean> {
    const { signal } = this.stopping;
    // A commit in this process needs no search before the transaction, but entries that are late do.
    const isSearched = !signal.aborted && (!wasWoken || this.numbering.isFullSearchDue);
    if (isSearched && !(await this.numbering.isNeeded()) && !wasWoken) return true;
    while (!signal.aborted) {
      const startedAt = performance.now();
      const numbered = await this.numbering.number();
      this.notBefore = performance.now() + eventPauseMs(startedAt, MAX_COLLECT_MS);
      if (numbered === 'busy') {
        this.isWoken = true;
        this.repetition?.hasten(BUSY_MS);
        return false;
      }
      this.growth.grownTo(numbered.latest);
      if (numbered.entries < NUMBERING_BATCH_SIZE) return true;
      await pause(backlogPauseMs(startedAt), signal);
    }
    return false;
  }
}
