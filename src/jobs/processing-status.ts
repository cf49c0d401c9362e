import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock';
import { type DueBacklog, OrderBacklog } from '../orders/order-backlog';
import type { Instance } from './instance.entity';
import { Instances } from './instances';
import { ProcessingControl } from './processing-control';

/** How long a reading, or its error, is served at least, in milliseconds. */
const MIN_PAUSE_MS = 5_000;

/** A reading that takes long is served longer by this factor: at most 5 % of the time is spent on them. */
const PAUSE_PER_DURATION = 20;

/** A reading of the queue and of the instances. */
interface Reading {
  readonly backlog: DueBacklog;
  readonly instances: readonly Instance[];
}

/** The state of processing on all instances. */
export interface ProcessingStatus extends Reading {
  readonly isPaused: boolean;
}

/** Reads the state of processing for admins: whether it is paused, and the rest at most once in 5 s. */
@Injectable()
export class ProcessingStatusReader {
  private latest: Promise<Reading> | undefined;
  private nextAt = -Infinity;

  constructor(
    private readonly control: ProcessingControl,
    private readonly backlog: OrderBacklog,
    private readonly instances: Instances,
    private readonly clock: Clock,
  ) {}

  async get(): Promise<ProcessingStatus> {
    const isPaused = await this.control.isPaused();
    if (!this.latest || this.clock.monotonicMs() >= this.nextAt) {
      this.nextAt = Infinity; // meanwhile, this reading is shared
      this.latest = this.read();
    }
    return { isPaused, ...(await this.latest) };
  }

  private async read(): Promise<Reading> {
    const startedAt = this.clock.monotonicMs();
    let pauseMs = MIN_PAUSE_MS;
    try {
      const backlog = await this.backlog.readDue();
      const instances = await this.instances.list();
      const durationMs = this.clock.monotonicMs() - startedAt;
      pauseMs = Math.max(pauseMs, durationMs * PAUSE_PER_DURATION);
      return { backlog, instances };
    } finally {
      this.nextAt = this.clock.monotonicMs() + pauseMs;
    }
  }
}
