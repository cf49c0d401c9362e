import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { backlogPauseMs, pause } from '../common/pause';
import { PeriodicWork, type Repetition } from '../common/periodic-work';
import { LogGrowth } from '../events/log-growth';
import { StatisticsReader } from './statistics-reader';

/** How often the reader looks for entries of which it did not hear, in milliseconds. */
const POLL_MS = 5_000;

/** How long entries wait for others that are counted with them, in milliseconds. */
const COLLECT_MS = 250;

/** Counts new events: soon after they have their position, and at an interval. */
@Injectable()
export class StatisticsSchedule implements OnApplicationBootstrap, OnApplicationShutdown {
  private repetition: Repetition | undefined;
  private readonly stopping = new AbortController();

  constructor(
    private readonly reader: StatisticsReader,
    private readonly periodic: PeriodicWork,
    growth: LogGrowth,
  ) {
    growth.onGrowth(() => this.repetition?.hasten(COLLECT_MS));
  }

  async onApplicationBootstrap(): Promise<void> {
    // The start does not wait for a backlog: the first time, nothing is done yet.
    this.repetition = await this.periodic.start('update the statistics', POLL_MS, () => this.run());
    this.repetition.hasten(0);
  }

  /** Others count the rest, or this instance at its next start. */
  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.repetition?.stop();
  }

  private async run(): Promise<void> {
    if (!this.repetition || !(await this.reader.isNeeded())) return;
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const startedAt = performance.now();
      const counted = await this.reader.advance();
      if (counted === 'busy' || counted.isAtEnd) return;
      await pause(backlogPauseMs(startedAt), signal);
    }
  }
}
