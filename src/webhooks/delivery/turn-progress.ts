import type { WebhookDelivery } from '../webhook-delivery.entity';
import { RecordedPositions } from './recorded-positions';

/** The outcome for an event, for its row. */
export interface DeliveryChange extends Pick<
  WebhookDelivery,
  | 'position'
  | 'orderId'
  | 'sequence'
  | 'eventType'
  | 'status'
  | 'attempts'
  | 'retriesLeft'
  | 'responseStatus'
  | 'failure'
  | 'durationMs'
> {
  /** Until the next attempt, in seconds; null: none, as before, or when that of the earlier event is due. */
  readonly delaySeconds: number | null;
  /** Whether it was sent before, so that later events of its order may wait for it. */
  readonly isRetry: boolean;
}

/** Names a turn of an endpoint. */
export interface TurnLease {
  readonly endpointId: number;
  readonly leaseToken: string;
}

/** What a turn has done since its progress was stored. */
export interface TurnChanges extends TurnLease {
  readonly replay: number;
  /** Of the endpoint when it was claimed. */
  readonly revision: number;
  readonly deliveries: ReadonlyMap<number, DeliveryChange>;
  readonly position: number;
  /** Events up to this position were deleted before all of them were sent; null: as before. */
  readonly missedThrough: number | null;
  /** Failures in a row, as of now. */
  readonly failures: number;
  readonly hasSucceeded: boolean;
  readonly hasFailed: boolean;
  /** Whether a response was 410. */
  readonly isGone: boolean;
  /** Whether the turn has ended, and the lease with it. */
  readonly ends: boolean;
  /** How long no turn begins after the end, in seconds. */
  readonly pauseSeconds: number | null;
}

interface TurnOrigin extends TurnLease {
  readonly replay: number;
  readonly revision: number;
  readonly failures: number;
  /** How many failures in a row are counted: requests at the same time are no further steps. */
  readonly maxFailures: number;
}

/** Collects what a turn does until it is stored. */
export class TurnProgress {
  private deliveries = new Map<number, DeliveryChange>();
  private hasSucceeded = false;
  private hasFailed = false;
  private failuresInRow: number;
  private isGone = false;
  private ends = false;
  private pauseSeconds: number | null = null;
  private storedPosition: number;
  private missedThrough: number | null = null;

  constructor(
    private readonly origin: TurnOrigin,
    private recorded: RecordedPositions,
  ) {
    this.failuresInRow = origin.failures;
    this.storedPosition = recorded.position;
  }

  get failures(): number {
    return this.failuresInRow;
  }

  get position(): number {
    return this.recorded.position;
  }

  /**
   * @param recorded for the events that the turn has read
   * @param missedThrough up to which position events are missing
   */
  begin(recorded: RecordedPositions, missedThrough: number | null): void {
    this.recorded = recorded;
    this.missedThrough = missedThrough;
  }

  record(change: DeliveryChange): void {
    this.deliveries.set(change.position, change);
    this.recorded.record(change.position);
  }

  succeeded(): void {
    this.hasSucceeded = true;
    this.hasFailed = false;
    this.failuresInRow = 0;
  }

  failed(isGone: boolean): void {
    this.hasFailed = true;
    this.failuresInRow = Math.min(this.failuresInRow + 1, this.origin.maxFailures);
    this.isGone ||= isGone;
  }

  /** @param pauseSeconds how long no other turn begins */
  end(pauseSeconds: number | null): void {
    this.ends = true;
    this.pauseSeconds = pauseSeconds;
  }

  /** @returns undefined when nothing has changed */
  take(): TurnChanges | undefined {
    const { position } = this.recorded;
    const isChanged =
      this.deliveries.size > 0 || position !== this.storedPosition || this.ends || this.hasFailed;
    if (!isChanged) return undefined;
    const { endpointId, leaseToken, replay, revision } = this.origin;
    const { missedThrough } = this;
    const { deliveries, hasSucceeded, hasFailed, isGone, ends, pauseSeconds } = this;
    const failures = this.failuresInRow;
    this.deliveries = new Map();
    this.hasSucceeded = false;
    this.hasFailed = false;
    this.isGone = false;
    this.storedPosition = position;
    return {
      endpointId,
      leaseToken,
      replay,
      revision,
      deliveries,
      position,
      missedThrough,
      failures,
      hasSucceeded,
      hasFailed,
      isGone,
      ends,
      pauseSeconds,
    };
  }

  /** After changes could not be stored: they are stored with the next ones. */
  putBack(changes: TurnChanges): void {
    this.deliveries = new Map([...changes.deliveries, ...this.deliveries]);
    this.hasSucceeded ||= changes.hasSucceeded;
    this.hasFailed ||= changes.hasFailed;
    this.isGone ||= changes.isGone;
    this.storedPosition = -1;
  }
}
