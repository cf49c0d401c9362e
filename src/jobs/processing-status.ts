import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock';
import { Pacing } from '../common/pacing';
import { type DueBacklog, OrderBacklog } from '../orders/order-backlog';
import type { OrderMinute } from '../orders/order-minute.entity';
import { OrderThroughput } from '../orders/order-throughput';
import type { Instance } from './instance.entity';
import { Instances } from './instances';
import { ProcessingControl } from './processing-control';

/** How long a reading, or its error, is served at least, in milliseconds; longer when it takes long. */
const MIN_PAUSE_MS = 5_000;

/** A reading of the queue, of the throughput and of the instances. */
interface Reading {
  readonly backlog: DueBacklog;
  readonly throughput: readonly OrderMinute[];
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
  private readonly pacing: Pacing;

  constructor(
    private readonly control: ProcessingControl,
    private readonly backlog: OrderBacklog,
    private readonly throughput: OrderThroughput,
    private readonly instances: Instances,
    clock: Clock,
  ) {
    this.pacing = new Pacing(MIN_PAUSE_MS, Infinity, () => clock.monotonicMs());
  }

  async get(): Promise<ProcessingStatus> {
    const isPaused = await this.control.isPaused();
    // While a reading is not due, the one that is running, or the latest one, is shared.
    if (!this.latest || this.pacing.isDue) this.latest = this.pacing.run(() => this.read());
    return { isPaused, ...(await this.latest) };
  }

  private async read(): Promise<Reading> {
    const backlog = await this.backlog.readDue();
    const throughput = await this.throughput.read(backlog.asOf);
    return { backlog, throughput, instances: await this.instances.list() };
  }
}
