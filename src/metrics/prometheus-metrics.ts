import { performance } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import {
  type AttemptOutcome,
  type GaugeName,
  type MeasuredResponse,
  Measurements,
  type StreamLimit,
  type WebhookOutcome,
} from '../common/measurements';
import { BUCKETS, HELP, type MetricName } from './metric-definitions';
import { ResponseDurations } from './response-durations';

/** The labels of `app_info`. */
export interface AppInfo {
  readonly version: string;
  readonly node_version: string;
  readonly database: string;
}

/** The metrics of this process. The only code that knows prom-client, with {@link ResponseDurations}. */
export class PrometheusMetrics extends Measurements {
  private readonly registry = new Registry();
  private readonly responses = new ResponseDurations(this.registry);
  private readonly moves = this.counter('orders_transitions_total', ['from', 'to']);
  private readonly attempts = this.counter('orders_attempts_total', ['outcome']);
  private readonly attemptSeconds = this.histogram('orders_attempt_duration_seconds');
  private readonly waits = this.histogram('orders_wait_seconds');
  private readonly losses = this.counter('orders_lease_losses_total');
  private readonly databaseWaits = this.histogram('database_wait_seconds');
  private readonly rejections = this.counter('rate_limit_rejections_total', ['limit']);
  private readonly streamRejections = this.counter('event_streams_rejected_total', ['limit']);
  private readonly webhooks = this.counter('webhook_requests_total', ['outcome']);
  private readonly webhookSeconds = this.histogram('webhook_request_duration_seconds');
  private readonly webhooksDisabled = this.counter('webhook_endpoints_disabled_total', ['reason']);
  private readonly gauges = new Map<MetricName, Gauge>();

  constructor(info: AppInfo) {
    super();
    collectDefaultMetrics({ register: this.registry });
    this.gauge('app_info', undefined, Object.keys(info)).set({ ...info }, 1);
    this.addEventLoopTime();
    // From 0 on, so that the first one is an increase.
    for (const limit of ['user', 'instance'] as const) this.streamRejections.inc({ limit }, 0);
    for (const outcome of ['delivered', 'failed', 'parked'] as const) {
      this.webhooks.inc({ outcome }, 0);
    }
    for (const reason of ['gone', 'failing', 'secret_unreadable', 'owner_not_admin']) {
      this.webhooksDisabled.inc({ reason }, 0);
    }
  }

  /** All metrics in the Prometheus text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  /** @param value undefined: the gauge is absent */
  set(name: MetricName, value: number | undefined): void {
    const gauge = this.gauges.get(name) ?? this.gauge(name);
    if (value === undefined) gauge.remove();
    else gauge.set(value);
  }

  override provide(name: GaugeName, read: () => number | undefined): void {
    this.gauge(name, read);
  }

  override responded(response: MeasuredResponse, seconds: number): void {
    this.responses.observe(response, seconds);
  }

  override ordersMoved(from: string | null, to: string, orders: number): void {
    this.moves.inc({ from: from ?? 'none', to }, orders);
  }

  override orderClaimed(secondsSinceDue: number): void {
    this.waits.observe(secondsSinceDue);
  }

  override attemptEnded(outcome: AttemptOutcome, seconds: number): void {
    this.attempts.inc({ outcome });
    this.attemptSeconds.observe(seconds);
  }

  override leasesLost(orders: number): void {
    this.losses.inc(orders);
  }

  override runSearched(): void {
    this.set('orders_last_run_timestamp_seconds', Date.now() / 1_000);
  }

  override databaseWaited(seconds: number): void {
    this.databaseWaits.observe(seconds);
  }

  override requestRejected(limit: string): void {
    this.rejections.inc({ limit });
  }

  override newestBackupIs(at: Date | undefined): void {
    this.set('backup_last_success_timestamp_seconds', (at?.getTime() ?? 0) / 1_000);
  }

  override eventStreamRejected(limit: StreamLimit): void {
    this.streamRejections.inc({ limit });
  }

  override webhookSent(outcome: WebhookOutcome, seconds: number): void {
    this.webhooks.inc({ outcome });
    this.webhookSeconds.observe(seconds);
  }

  override webhookDisabled(reason: string): void {
    this.webhooksDisabled.inc({ reason });
  }

  /** As OpenTelemetry names it. Totals, so that any number of servers can scrape them. */
  private addEventLoopTime(): void {
    const counter = new Counter({
      name: 'nodejs_eventloop_time_seconds_total' satisfies MetricName,
      help: HELP.nodejs_eventloop_time_seconds_total,
      labelNames: ['nodejs_eventloop_state'],
      registers: [this.registry],
      collect: () => {
        const { active, idle } = performance.eventLoopUtilization();
        counter.reset();
        counter.inc({ nodejs_eventloop_state: 'active' }, active / 1_000);
        counter.inc({ nodejs_eventloop_state: 'idle' }, idle / 1_000);
      },
    });
  }

  private counter(name: MetricName, labelNames: string[] = []): Counter {
    return new Counter({ name, help: HELP[name], labelNames, registers: [this.registry] });
  }

  private histogram(name: MetricName & keyof typeof BUCKETS): Histogram {
    const buckets = [...BUCKETS[name]];
    return new Histogram({ name, help: HELP[name], buckets, registers: [this.registry] });
  }

  /** @param read is called when the metrics are collected; when it throws, the gauge is absent */
  private gauge(
    name: MetricName,
    read?: () => number | undefined,
    labelNames: string[] = [],
  ): Gauge {
    const collect = read && (() => this.set(name, valueOrUndefined(read)));
    const gauge = new Gauge({
      name,
      help: HELP[name],
      labelNames,
      registers: [this.registry],
      ...(collect && { collect }),
    });
    this.gauges.set(name, gauge);
    return gauge;
  }
}

function valueOrUndefined(read: () => number | undefined): number | undefined {
  try {
    return read();
  } catch {
    return undefined; // one gauge must not prevent the scrape
  }
}
