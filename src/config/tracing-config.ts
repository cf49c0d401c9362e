import { parseTracingEnvironment } from './environment';
import type { TracingEnvironment } from './tracing-environment';

/** Where traces are exported, and the limits of the queue of spans. */
export interface TracingConfig {
  /** The URL that they are posted to. */
  readonly url: string;
  readonly maxQueueSize: number;
  readonly maxExportBatchSize: number;
  readonly scheduledDelayMillis: number;
  readonly exportTimeoutMillis: number;
}

/**
 * Builds the configuration of the export of traces; other variables may be invalid.
 * @throws InvalidEnvironmentError
 */
export function loadTracingConfig(
  source: NodeJS.ProcessEnv = process.env,
): TracingConfig | undefined {
  return tracingConfig(parseTracingEnvironment(source));
}

/** @returns undefined when nothing is traced */
export function tracingConfig(env: TracingEnvironment): TracingConfig | undefined {
  const collector = env.OTEL_EXPORTER_OTLP_ENDPOINT.replace(/\/$/, '');
  const url = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || (collector && `${collector}/v1/traces`);
  if (url === '') return undefined;
  return {
    url,
    maxQueueSize: env.OTEL_BSP_MAX_QUEUE_SIZE,
    // The SDK warns of a batch that is larger than the queue.
    maxExportBatchSize: Math.min(env.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, env.OTEL_BSP_MAX_QUEUE_SIZE),
    scheduledDelayMillis: env.OTEL_BSP_SCHEDULE_DELAY,
    exportTimeoutMillis: env.OTEL_BSP_EXPORT_TIMEOUT,
  };
}
