import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { Clock } from '../common/clock';
import { Measurements } from '../common/measurements';
import { PeriodicWork, type Repetition } from '../common/periodic-work';
import { DatabaseUnavailableError } from '../database/database-unavailable.error';
import { type SharedState, SharedProcessingState } from './shared-processing-state';

/** How often an instance reads the state, in milliseconds. */
const POLL_MS = 1_000;

/** A claim reads the state when this instance has not done so for longer, in milliseconds. */
const MAX_AGE_MS = 1_500;

/** How long the latest reading is reported to metrics while the state cannot be read, in milliseconds. */
const MAX_REPORTED_AGE_MS = 60_000;

interface KnownState extends SharedState {
  /** When the reading began. */
  readonly readAt: number;
}

/**
 * Pauses, resumes and wakes the processing of all instances, through a row that each of them reads
 * every second. In the instance that changes the row, the change has its effect at once.
 */
@Injectable()
export class ProcessingControl implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ProcessingControl.name);
  private known: KnownState | undefined;
  private reading: Promise<SharedState> | undefined;
  /** How many changes this instance has written. */
  private writes = 0;
  private startRun: () => void = () => undefined;
  private polling: Repetition | undefined;

  constructor(
    private readonly shared: SharedProcessingState,
    private readonly clock: Clock,
    private readonly periodic: PeriodicWork,
    measurements: Measurements,
  ) {
    measurements.provide('orders_processing_paused', () => {
      const known = this.knownWithin(MAX_REPORTED_AGE_MS);
      return known && Number(known.isPaused);
    });
  }

  /** Registers what starts a run, when processing is woken or resumed by any instance. */
  onWake(startRun: () => void): void {
    this.startRun = startRun;
  }

  async onApplicationBootstrap(): Promise<void> {
    this.polling = await this.periodic.start('read the state of processing', POLL_MS, async () => {
      await this.read();
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.polling?.stop();
  }

  /**
   * Whether orders may not be claimed, as of {@link MAX_AGE_MS} ago at most.
   * @throws an error of the database, when the state is not known
   */
  async isPaused(): Promise<boolean> {
    let known = this.knownWithin(MAX_AGE_MS);
    // The second reading replaces one that began before this call and took too long.
    for (let readings = 0; readings < 2 && !known; readings++) {
      await this.read();
      known = this.knownWithin(MAX_AGE_MS);
    }
    if (!known) throw new DatabaseUnavailableError('The state of processing was not read in time');
    return known.isPaused;
  }

  /** @returns undefined when the latest reading is older */
  private knownWithin(maxAgeMs: number): KnownState | undefined {
    const { known } = this;
    return known && this.clock.monotonicMs() - known.readAt <= maxAgeMs ? known : undefined;
  }

  /** Pauses processing: orders that are claimed are still processed. */
  async pause(adminId: number): Promise<void> {
    await this.change(() => this.shared.pause(), adminId);
  }

  /** Resumes processing, and wakes it. */
  async resume(adminId: number): Promise<void> {
    await this.change(() => this.shared.resume(), adminId);
  }

  /** Makes all instances that process orders look for due ones, unless processing is paused. */
  async wake(adminId: number): Promise<void> {
    await this.change(() => this.shared.wake(), adminId);
  }

  private async change(
    write: () => Promise<SharedState | undefined>,
    adminId: number,
  ): Promise<void> {
    const readAt = this.clock.monotonicMs();
    const state = await write();
    if (!state) {
      // As requested already, perhaps by another instance since the last reading, or since one began.
      await this.reading?.catch(() => undefined); // its caller handles the error
      await this.read();
      return;
    }
    this.writes++;
    this.adopt(state, readAt, adminId);
  }

  /** Concurrent calls share one statement. */
  private read(): Promise<SharedState> {
    this.reading ??= this.readAndAdopt().finally(() => (this.reading = undefined));
    return this.reading;
  }

  private async readAndAdopt(): Promise<SharedState> {
    const { writes } = this;
    const readAt = this.clock.monotonicMs();
    const state = await this.shared.read();
    // What was read before a change of this instance would undo the change here.
    if (writes !== this.writes && this.known) return this.known;
    this.adopt(state, readAt);
    return state;
  }

  /** @param adminId who changed the state through this instance */
  private adopt(state: SharedState, readAt: number, adminId?: number): void {
    const { known } = this;
    this.known = { ...state, readAt };
    if (state.isPaused !== (known?.isPaused ?? false)) {
      const msg = state.isPaused ? 'Processing is paused' : 'Processing is resumed';
      this.logger.log({ msg, admin_id: adminId });
    }
    const isChanged = known ? state.changes !== known.changes : adminId !== undefined;
    if (isChanged && !state.isPaused) this.startRun();
  }
}
