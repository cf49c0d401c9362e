import { DiagLogLevel, diag } from '@opentelemetry/api';
import { setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  type Resource,
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { packageName, packageVersion } from '../common/package-file';
import type { TracingConfig } from '../config/tracing-config';
import { httpInstrumentation } from './http-spans';
import { OpenTelemetryTracing } from './open-telemetry-tracing';
import { postgresInstrumentation } from './postgres-spans';
import { SpanExport } from './span-export';
import { TraceparentPropagator } from './traceparent-propagator';
import { TracingLog } from './tracing-log';

/**
 * Starts to trace this process. The sampler, the resource, and the headers, the timeout and the compression of
 * the export are read from the variables of OpenTelemetry by its SDK.
 */
export function startTracing({ url, ...queue }: TracingConfig): OpenTelemetryTracing {
  const log = new TracingLog();
  diag.setLogger(log, DiagLogLevel.WARN);
  setGlobalErrorHandler((error) => log.exportFailed(error));
  const exporter = new SpanExport(new OTLPTraceExporter({ url }), log);
  const provider = new NodeTracerProvider({
    resource: describeService(),
    spanProcessors: [new BatchSpanProcessor(exporter, queue)],
  });
  provider.register({ propagator: new TraceparentPropagator() });
  // Each one replaces functions of its module, node:http or pg, when that is required the next time.
  for (const instrumentation of [httpInstrumentation(), postgresInstrumentation()]) {
    instrumentation.setTracerProvider(provider);
  }
  return new OpenTelemetryTracing(provider, log);
}

/** Without host names, users and arguments, which other detectors would add: they may be confidential. */
function describeService(): Resource {
  const service = { 'service.name': packageName(), 'service.version': packageVersion() };
  return defaultResource()
    .merge(resourceFromAttributes(service))
    .merge(detectResources({ detectors: [serviceInstanceIdDetector, envDetector] }));
}
