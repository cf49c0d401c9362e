/** The media type of the Prometheus text format. */
export const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8';

const AGE_OF_READING = 'Read up to 15 s ago; up to a minute, or longer, while readings are slow.';

/** The names, meanings and buckets of all metrics, except those of Node.js and of the process. */
export const HELP = {
  app_info: 'Always 1. The labels describe the build and its settings.',
  http_server_request_duration_seconds:
    'From the arrival of a request until its response was sent, or its client disconnected (status 499).',
  orders_transitions_total: 'Orders that moved to another status. `from` is `none` when placed.',
  orders_attempts_total:
    'Attempts that have ended, by their outcome, before it is stored: orders_transitions_total counts stored ones.',
  orders_attempt_duration_seconds: 'Duration of the attempts that have ended.',
  orders_wait_seconds: 'From the instant at which a placed order is due to its first claim.',
  orders_pending: `Pending orders of all instances, counted up to 100,000. ${AGE_OF_READING}`,
  orders_processing: `Processing orders of all instances, counted up to 100,000. ${AGE_OF_READING}`,
  orders_failed: `Failed orders of all instances, counted up to 100,000. ${AGE_OF_READING}`,
  orders_oldest_due_age_seconds: `How long the oldest due order has been due; 0 when none is due. ${AGE_OF_READING}`,
  orders_in_flight: 'Attempts that are running on this instance.',
  orders_lease_losses_total: 'Orders that this instance reclaimed because their lease had expired.',
  orders_last_run_timestamp_seconds:
    'When a run of this instance last looked for due orders, or found that processing is paused.',
  orders_processing_paused: '1 while processing is paused on all instances, otherwise 0.',
  orders_run_interval_seconds: 'The longest time between two of the next runs of PROCESSING_CRON.',
  database_wait_seconds: 'How long statements and transactions waited for a connection.',
  password_hash_queue: 'Callers that wait for a thread that hashes passwords.',
  rate_limit_rejections_total: 'Requests that were rejected with 429, by the limit.',
  redis_up: '1 while Redis counts requests, 0 while this instance counts for itself.',
  backup_last_success_timestamp_seconds: 'When the newest backup was made; 0 until there is one.',
  events_oldest_unnumbered_age_seconds: `How long the oldest transition has waited for its position in the log of events; 0 when none does. ${AGE_OF_READING}`,
  event_streams_open: 'Streams of events that are open on this instance.',
  event_streams_rejected_total:
    'Streams of events that were rejected with 503, by limit: `user` (5) or `instance` (1,000).',
  webhook_requests_total:
    'Webhook requests that have ended, by outcome: `delivered`, `failed` (a retry follows) or `parked`. Test events are not counted.',
  webhook_request_duration_seconds: 'Duration of webhook requests.',
  webhook_endpoints_disabled_total: 'Webhooks that this instance has disabled, by reason.',
  webhook_endpoints_in_turn: 'Webhooks to which this instance is sending; 50 at most.',
  nodejs_eventloop_time_seconds_total:
    'Time that the event loop was in each state. The rate of `active` is its utilization, 0 to 1.',
} as const satisfies Record<string, string>;

/** In seconds. */
export const BUCKETS = {
  /** As OpenTelemetry advises for `http.server.request.duration`. */
  http_server_request_duration_seconds: [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
  ],
  orders_attempt_duration_seconds: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
  /** 300 is the objective of the alerts. */
  orders_wait_seconds: [0.1, 0.5, 1, 5, 15, 30, 60, 120, 180, 300, 600, 1200, 1800, 3600],
  /** Requests end after 15 s. */
  webhook_request_duration_seconds: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
  /** Waiting ends after 5 s. */
  database_wait_seconds: [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
} as const;

export type MetricName = keyof typeof HELP;
