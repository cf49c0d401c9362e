/** A response that was sent, or that its client did not wait for. */
export interface MeasuredResponse {
  readonly method: string;
  /** The path of the route with its parameters, such as `/orders/{id}`; undefined: no route has served it. */
  readonly route: string | undefined;
  readonly status: number;
}

/** How an attempt ended. After `lost`, its result was dropped. */
export type AttemptOutcome = 'completed' | 'postponed' | 'failed' | 'released' | 'suspect' | 'lost';

/** How a webhook request ended: a retry follows `failed`, and none follows `parked`. */
export type WebhookOutcome = 'delivered' | 'failed' | 'parked';

/** Which limit of open streams was reached. */
export type StreamLimit = 'user' | 'instance';

/** What is read when metrics are collected. */
export type GaugeName =
  | 'event_streams_open'
  | 'orders_in_flight'
  | 'orders_processing_paused'
  | 'orders_run_interval_seconds'
  | 'password_hash_queue'
  | 'redis_up'
  | 'webhook_endpoints_in_turn';

/**
 * What the application measures of itself. Also the injection token: features call it and do not know
 * the metrics. Methods never throw, and cost about a microsecond. All durations are seconds.
 */
export abstract class Measurements {
  abstract responded(response: MeasuredResponse, seconds: number): void;

  /**
   * Orders have moved to another status, and the transaction was committed.
   * @param from null for orders that were placed
   */
  abstract ordersMoved(from: string | null, to: string, orders: number): void;

  /** An order was claimed for the first time. */
  abstract orderClaimed(secondsSinceDue: number): void;

  abstract attemptEnded(outcome: AttemptOutcome, seconds: number): void;

  /** Orders were reclaimed because their lease had expired. */
  abstract leasesLost(orders: number): void;

  /** A run has looked for due orders, whether or not there were any, or has found that processing is paused. */
  abstract runSearched(): void;

  /** A caller has waited for a connection to the database. */
  abstract databaseWaited(seconds: number): void;

  /** @param limit the name of the policy, as `RateLimit-Policy` has it */
  abstract requestRejected(limit: string): void;

  /**
   * When the newest backup was made; undefined when there is none. Where the server makes backups, it is also
   * called at the start, so that an alert can see that there is none.
   */
  abstract newestBackupIs(at: Date | undefined): void;

  /** A stream of events was rejected, because too many are open. */
  abstract eventStreamRejected(limit: StreamLimit): void;

  /**
   * A request with an event has ended.
   * @param seconds its duration
   */
  abstract webhookSent(outcome: WebhookOutcome, seconds: number): void;

  /**
   * The server has disabled an endpoint.
   * @param reason one of few
   */
  abstract webhookDisabled(reason: string): void;

  /** Registers how a gauge is read. It is absent while `read` returns undefined. */
  abstract provide(gauge: GaugeName, read: () => number | undefined): void;
}

/** Measures nothing: metrics are not served. */
export class NoMeasurements extends Measurements {
  responded(): void {}
  ordersMoved(): void {}
  orderClaimed(): void {}
  attemptEnded(): void {}
  leasesLost(): void {}
  runSearched(): void {}
  databaseWaited(): void {}
  requestRejected(): void {}
  newestBackupIs(): void {}
  eventStreamRejected(): void {}
  webhookSent(): void {}
  webhookDisabled(): void {}
  provide(): void {}
}
