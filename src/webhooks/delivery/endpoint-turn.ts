import type { Measurements } from '../../common/measurements';
import type { EventLog } from '../../events/event-log';
import { EventDto } from '../../events/event.dto';
import {
  FAILURES_BEFORE_PROBES,
  MAX_RETRIES,
  probeDelay,
  retryDelay,
} from '../sending/retry-schedule';
import { REQUEST_TIMEOUT_MS, type SendResult, type WebhookSender } from '../sending/webhook-sender';
import type { DisabledReason } from '../webhook-endpoint.entity';
import {
  type Sending,
  deliveredRow,
  parkedRow,
  retryingRow,
  toRetry,
  toSending,
  waitingRow,
} from './delivery-changes';
import type { ClaimedEndpoint } from './endpoint-claims';
import { requestWith } from './event-request';
import { OrderQueues } from './order-queues';
import type { StoredEndpoint } from './progress-writer';
import { RecordedPositions } from './recorded-positions';
import { type TurnLease, TurnProgress } from './turn-progress';
import type { TurnPlan } from './turn-plan';

/** How many requests an endpoint gets at the same time. */
const CONCURRENCY = 4;

/** For how long a turn begins requests, in milliseconds. */
const TURN_MS = 20_000;

/** How long an endpoint pauses after a turn that could do nothing, in seconds. */
const IDLE_PAUSE_SECONDS = 5;

const GONE = 410;

interface TurnServices {
  readonly sender: WebhookSender;
  readonly log: EventLog;
  readonly measurements: Measurements;
  /** Is called once at most, when the outcome of the turn has disabled the endpoint. */
  readonly onDisabled: (reason: DisabledReason) => void;
}

/** What an endpoint is disabled for because of responses. */
const REASONS_OF_RESPONSES: ReadonlySet<DisabledReason> = new Set(['gone', 'failing']);

/** A turn of an endpoint: the requests of one claim. */
export class EndpointTurn {
  readonly progress: TurnProgress;
  private readonly abortion = new AbortController();
  private stopping = false;
  private hasReportedDisabling = false;
  private areRetriesDue = true;
  private retryAfterSeconds: number | undefined;
  private attempts = 0;
  readonly startedAt = performance.now();

  constructor(
    readonly endpoint: ClaimedEndpoint,
    private readonly secrets: readonly Buffer[],
    private readonly services: TurnServices,
  ) {
    const { id: endpointId, leaseToken, replays: replay, revision, failures, position } = endpoint;
    const nothing = new RecordedPositions(position, [], position);
    // The steps after that are those of probes.
    const maxFailures = this.isProbe ? Infinity : FAILURES_BEFORE_PROBES;
    const origin = { endpointId, leaseToken, replay, revision, failures, maxFailures };
    this.progress = new TurnProgress(origin, nothing);
  }

  get lease(): TurnLease {
    return { endpointId: this.endpoint.id, leaseToken: this.endpoint.leaseToken };
  }

  /** Whether it begins no more requests. */
  get isStopping(): boolean {
    return this.stopping;
  }

  /** After failures in a row, a turn sends one request, to find out whether the endpoint is back. */
  get isProbe(): boolean {
    return this.endpoint.failures >= FAILURES_BEFORE_PROBES;
  }

  /** Sends what the plan has. Never rejects, unless the log cannot be read. */
  async run(plan: TurnPlan): Promise<void> {
    this.begin(plan);
    const retries = plan.retries.map(toRetry);
    const events = plan.events.map(toSending);
    // A new event shows best whether an endpoint is back: an old one may be what it cannot handle.
    const areRetriesFirst = !this.isProbe || plan.isRetryFirst;
    const sorted = areRetriesFirst ? [...retries, ...events] : [...events, ...retries];
    const all = this.isProbe ? sorted.slice(0, 1) : sorted;
    const queues = new OrderQueues(all);
    const lanes = Array.from({ length: CONCURRENCY }, () => this.sendAll(queues));
    await Promise.all(lanes);
    this.progress.end(this.pauseSeconds());
  }

  /** Begins no more requests. Those that have begun go on. */
  stop(): void {
    this.stopping = true;
  }

  /** Ends the requests too. Nothing is known of their outcome: their events are sent again. */
  abort(): void {
    this.stop();
    this.abortion.abort();
  }

  /** Ends the turn after an error. */
  fail(): void {
    this.abort();
    this.progress.end(Math.max(this.pauseSeconds() ?? 0, IDLE_PAUSE_SECONDS));
  }

  /** The progress was stored, or the endpoint was read. What its owner has changed ends the turn. */
  stored({ status, revision, disabled_reason: reason }: StoredEndpoint): void {
    if (status !== 'enabled' || revision !== this.endpoint.revision) this.stop();
    const isDisabled = status === 'disabled' && reason && REASONS_OF_RESPONSES.has(reason);
    if (!isDisabled || this.hasReportedDisabling) return;
    this.hasReportedDisabling = true;
    this.services.onDisabled(reason);
  }

  private begin({ events, waiting, handled, through, ...plan }: TurnPlan): void {
    this.areRetriesDue = !this.isProbe || plan.isRetryDue;
    const positions = [...events, ...waiting].map(({ position }) => position);
    const sorted = [...positions, ...handled].toSorted((a, b) => a - b);
    const recorded = new RecordedPositions(this.endpoint.position, sorted, through);
    for (const position of handled) recorded.record(position);
    this.progress.begin(recorded, plan.missedThrough);
    // Not in a probe: they would be stored without being sent at every probe.
    for (const event of this.isProbe ? [] : waiting) {
      this.progress.record(waitingRow(toSending(event)));
    }
  }

  private get canSend(): boolean {
    const hasFailed = this.progress.failures >= FAILURES_BEFORE_PROBES && !this.isProbe;
    const isPaused = this.retryAfterSeconds !== undefined;
    // A request that began later could outlast the lease.
    const endsAt = Math.min(
      this.startedAt + TURN_MS,
      this.endpoint.leaseEndsAt - REQUEST_TIMEOUT_MS,
    );
    return !this.stopping && !hasFailed && !isPaused && performance.now() < endsAt;
  }

  private async sendAll(queues: OrderQueues<Sending>): Promise<void> {
    while (this.canSend) {
      const sending = queues.take();
      if (!sending) return;
      const goesOn = await this.send(sending);
      if (goesOn === undefined) return;
      const rest = queues.end(sending, goesOn);
      if (goesOn) continue;
      // Rows of retries exist already, and are postponed with the one that has failed.
      for (const later of rest) if (later.event) this.progress.record(waitingRow(later));
    }
  }

  /** @returns whether later events of the order can be sent; undefined when this one was not sent, or aborted */
  private async send(sending: Sending): Promise<boolean | undefined> {
    const { orderId, sequence } = sending;
    const event = sending.event ?? (await this.services.log.find(orderId, sequence));
    if (!event) {
      this.progress.record(parkedRow(sending, 'event_deleted', null));
      return true;
    }
    if (!this.canSend) return undefined; // reading the event may have taken long
    const nowMs = performance.now() + this.endpoint.clockOffsetMs;
    const request = requestWith(EventDto.from(event), this.endpoint.url, this.secrets, nowMs);
    const result = await this.services.sender.send(request, this.abortion.signal);
    if (!result) return undefined;
    this.attempts++;
    return this.recordOutcome({ ...sending, attempts: sending.attempts + 1 }, result);
  }

  /** @returns whether later events of the order can be sent */
  private recordOutcome(sending: Sending, result: SendResult): boolean {
    const { measurements } = this.services;
    const seconds = result.durationMs / 1_000;
    if (result.failure === null) {
      this.progress.succeeded();
      this.progress.record(deliveredRow(sending, result));
      measurements.webhookSent('delivered', seconds);
      return true;
    }
    this.progress.failed(result.status === GONE);
    if (result.status === GONE) this.stop();
    const { retryAfterSeconds = 0 } = result;
    if (retryAfterSeconds > 0) {
      this.retryAfterSeconds = Math.max(this.retryAfterSeconds ?? 0, retryAfterSeconds);
    }
    const { retriesLeft } = sending;
    if (sending.event === undefined && !this.areRetriesDue) {
      // The probe came early, which is no fault of the event.
      this.progress.record(retryingRow(sending, result));
      measurements.webhookSent('failed', seconds);
      return false;
    }
    if (retriesLeft === 0) {
      this.progress.record(parkedRow(sending, result.failure, result));
      measurements.webhookSent('parked', seconds);
      return true;
    }
    const delaySeconds = Math.max(retryDelay(MAX_RETRIES - retriesLeft), retryAfterSeconds);
    this.progress.record(
      retryingRow(sending, result, { delaySeconds, retriesLeft: retriesLeft - 1 }),
    );
    measurements.webhookSent('failed', seconds);
    return false;
  }

  /** How long the endpoint gets no other turn. */
  private pauseSeconds(): number | null {
    const { failures, position } = this.progress;
    const isFailing = failures >= FAILURES_BEFORE_PROBES && this.attempts > 0;
    if (isFailing || this.retryAfterSeconds !== undefined) {
      return Math.max(isFailing ? probeDelay(failures) : 0, this.retryAfterSeconds ?? 0);
    }
    // Otherwise it would be claimed again and again.
    const isIdle = this.attempts === 0 && position === this.endpoint.position && !this.stopping;
    return isIdle ? IDLE_PAUSE_SECONDS : null;
  }
}
