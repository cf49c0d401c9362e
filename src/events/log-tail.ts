import {
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { PeriodicWork, type Repetition } from '../common/periodic-work';
import { EventLog } from './event-log';
import { LogGrowth } from './log-growth';
import { formatEvent } from './server-sent-events';

const PAGE_SIZE = 200;

/** How many of the latest events are kept in memory. A stream that is further behind reads the log itself. */
const MAX_RECENT = 1_000;

/** When reading is tried again after an error, in milliseconds. */
const RETRY_MS = 1_000;

/** An event as all streams send it. */
export interface TailedEvent {
  readonly position: number;
  readonly userId: number;
  readonly text: string;
}

type Listener = (events: readonly TailedEvent[], before: number) => void;

/** The end of the log, which this instance reads once for all of its streams, while there are any. */
@Injectable()
export class LogTail implements OnApplicationBootstrap, OnApplicationShutdown {
  private recent: TailedEvent[] = [];
  /** {@link recent} has all events after this position. */
  private start = 0;
  private position: number | undefined;
  private starting: Promise<void> | undefined;
  private grownTo = 0;
  /** Counts the times that it was followed, so that a start that has ended meanwhile has no effect. */
  private generation = 0;
  private removeListener: () => void = () => undefined;
  private listener: Listener = () => undefined;
  private reading: Repetition | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly growth: LogGrowth,
    private readonly periodic: PeriodicWork,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const read = () => this.read();
    this.reading = await this.periodic.start('read events for streams', RETRY_MS, read);
  }

  async onApplicationShutdown(): Promise<void> {
    this.unfollow();
    await this.reading?.stop();
  }

  /** The position of the latest event that was read. */
  get latest(): number {
    return this.position ?? 0;
  }

  /** Calls the listener with all further events, and the position before them. It must not throw. */
  onEvents(listener: Listener): void {
    this.listener = listener;
  }

  /** Follows the log from its end on. Does nothing while it is followed. */
  async follow(): Promise<void> {
    // Others may have stopped following it meanwhile.
    while (this.position === undefined) {
      this.starting ??= this.begin().finally(() => (this.starting = undefined));
      await this.starting;
    }
  }

  /** Frees the memory. */
  unfollow(): void {
    this.generation++;
    this.removeListener();
    this.position = undefined;
    this.recent = [];
  }

  /** The events after a position; undefined when they are not in memory any more. */
  after(position: number): readonly TailedEvent[] | undefined {
    if (position < this.start) return undefined;
    let index = this.recent.length;
    while (index > 0 && (this.recent[index - 1]?.position ?? 0) > position) index--;
    return this.recent.slice(index);
  }

  /** Begins at the end of the log. Rejects when that cannot be read. */
  private async begin(): Promise<void> {
    this.removeListener();
    this.removeListener = this.growth.onGrowth((latest) => {
      this.grownTo = latest;
      this.reading?.hasten(0);
    });
    const { generation } = this;
    const latest = await this.log.latestPosition();
    if (generation !== this.generation) return;
    this.position = latest;
    this.start = latest;
    this.recent = [];
  }

  private async read(): Promise<void> {
    for (;;) {
      const { position } = this;
      if (position === undefined || position >= this.grownTo) return;
      const { events } = await this.log.page({ after: position, limit: PAGE_SIZE });
      // Unfollowed, and perhaps followed again from another position.
      if (this.position !== position) return;
      const last = events.at(-1);
      if (!last) return;
      const tailed = events.map((event) => ({
        position: event.position,
        userId: event.userId,
        text: formatEvent(event),
      }));
      this.recent.push(...tailed);
      const excess = this.recent.splice(0, Math.max(0, this.recent.length - MAX_RECENT));
      this.start = excess.at(-1)?.position ?? this.start;
      this.position = last.position;
      this.listener(tailed, position);
    }
  }
}
