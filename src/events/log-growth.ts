import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { PeriodicWork, type Repetition } from '../common/periodic-work';
import { EventLog } from './event-log';

/** How often an instance looks for positions that others have assigned, in milliseconds. */
const POLL_MS = 250;

type Listener = (latest: number) => void;

/** Notices that the log has grown, by any instance. */
@Injectable()
export class LogGrowth implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(LogGrowth.name);
  private readonly listeners = new Set<Listener>();
  private latest = 0;
  private polling: Repetition | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly periodic: PeriodicWork,
  ) {}

  /**
   * Calls a listener with the latest position whenever there are new ones. It must not throw.
   * @returns a function that removes the listener
   */
  onGrowth(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Reports that a position was assigned, and committed. */
  grownTo(latest: number): void {
    if (latest <= this.latest) return;
    this.latest = latest;
    for (const listener of this.listeners) {
      try {
        listener(latest);
      } catch (error) {
        this.logger.error({ msg: 'A listener failed', err: error });
      }
    }
  }

  async onApplicationBootstrap(): Promise<void> {
    this.polling = await this.periodic.start('read the latest position', POLL_MS, async () => {
      if (this.listeners.size > 0) this.grownTo(await this.log.latestPosition());
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.polling?.stop();
  }
}
