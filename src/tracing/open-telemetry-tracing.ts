import { setTimeout as delay } from 'node:timers/promises';
import type { OnApplicationShutdown } from '@nestjs/common';
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  context,
  trace,
} from '@opentelemetry/api';
import type { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Logger } from 'pino';
import { packageName, packageVersion } from '../common/package-file';
import { type OpenSpan, type SpanAttributes, Tracing } from '../common/tracing';
import { errorCodeOf } from '../database/error-code';
import { failedStatement } from './failed-statement';
import { operationOf } from './sql-operation';
import type { TracingLog } from './tracing-log';

/** How long the shutdown waits for the export of the last spans, in milliseconds. */
const LAST_EXPORT_MS = 2_000;

/** The traces of this process, and their end. */
export class OpenTelemetryTracing extends Tracing implements OnApplicationShutdown {
  private readonly tracer = trace.getTracer(packageName(), packageVersion());

  constructor(
    private readonly provider: Pick<NodeTracerProvider, 'shutdown'>,
    private readonly log: TracingLog,
  ) {
    super();
  }

  /** From now on, failures are logged there. */
  logTo(logger: Logger): void {
    this.log.writeTo(logger);
  }

  /** The fields of a log line that is written within a span. The logger changes the object. */
  readonly logFields = (): object => {
    const span = trace.getActiveSpan()?.spanContext();
    if (span === undefined) return {};
    const { traceId, spanId, traceFlags } = span;
    return { trace_id: traceId, span_id: spanId, trace_flags: `0${traceFlags.toString(16)}` };
  };

  override trace<Result>(
    name: string,
    attributes: SpanAttributes,
    work: (span: OpenSpan) => Promise<Result>,
  ): Promise<Result> {
    const options = { kind: SpanKind.CONSUMER, attributes };
    return runWithin(ROOT_CONTEXT, this.tracer.startSpan(name, options, ROOT_CONTEXT), work);
  }

  override statement<Result>(
    system: string,
    sql: string,
    execute: () => Promise<Result>,
  ): Promise<Result> {
    if (!isSampled(trace.getActiveSpan())) return execute();
    const operation = operationOf(sql);
    const attributes = {
      'db.system.name': system,
      'db.operation.name': operation,
      'db.query.text': sql,
    };
    const span = this.tracer.startSpan(operation, { kind: SpanKind.CLIENT, attributes });
    return runWithin(context.active(), span, async (open) => {
      try {
        return await execute();
      } catch (error) {
        open.setAttributes(failedStatement(errorTypeOf(error)));
        throw error;
      }
    });
  }

  override detach<Result>(start: () => Result): Result {
    return context.with(ROOT_CONTEXT, start);
  }

  override bind<Arguments extends unknown[]>(callback: (...values: Arguments) => void) {
    return context.bind(context.active(), callback);
  }

  /** Exports the last spans. Never rejects: a shutdown does not fail for lack of a collector. */
  async onApplicationShutdown(): Promise<void> {
    const limit = new AbortController();
    await Promise.race([
      this.provider.shutdown().catch((error: unknown) => this.log.exportFailed(error)),
      delay(LAST_EXPORT_MS, undefined, { signal: limit.signal }).then(
        () => this.log.warn('The last traces were not exported in time'),
        () => undefined, // they were
      ),
    ]);
    limit.abort();
  }
}

/** Also of a span that has ended: the client has disconnected, and the work for it goes on. */
function isSampled(span: Span | undefined): boolean {
  return span !== undefined && (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
}

async function runWithin<Result>(
  parent: Context,
  span: Span,
  work: (span: OpenSpan) => Promise<Result>,
): Promise<Result> {
  const open: OpenSpan = {
    setAttributes: (attributes) => span.setAttributes(attributes),
    fail: (error) => fail(span, error),
  };
  try {
    return await context.with(trace.setSpan(parent, span), () => work(open));
  } catch (error) {
    open.fail(error);
    throw error;
  } finally {
    span.end();
  }
}

/** Messages of errors can contain what clients have sent. */
function fail(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', errorTypeOf(error));
}

function errorTypeOf(error: unknown): string {
  return errorCodeOf(error) ?? (error instanceof Error ? error.name : typeof error);
}
