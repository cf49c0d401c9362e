import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';
import { describePostgresError } from './postgres-spans';
import type { TracingLog } from './tracing-log';

/** Exports spans without what is not for the collector. */
export class SpanExport implements SpanExporter {
  constructor(
    private readonly exporter: SpanExporter,
    private readonly log: TracingLog,
  ) {}

  export(spans: ReadableSpan[], onEnd: (result: ExportResult) => void): void {
    for (const span of spans) {
      describePostgresError(span);
      removeMessages(span);
    }
    this.exporter.export(spans, (result) => {
      if (result.code === ExportResultCode.SUCCESS) this.log.exported();
      onEnd(result);
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }
}

/**
 * Messages of errors can contain a value, such as `invalid input syntax for type bigint: "…"`, or a URL. The
 * type of the error stays.
 */
function removeMessages({ status, events }: ReadableSpan): void {
  delete status.message;
  for (const { attributes = {} } of events) {
    delete attributes['exception.message'];
    delete attributes['exception.stacktrace'];
  }
}
