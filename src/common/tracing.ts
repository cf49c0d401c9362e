/** Attributes of a span. Names are those of OpenTelemetry's conventions, if there is one. No values of clients. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** A span whose work is running. */
export interface OpenSpan {
  setAttributes(attributes: SpanAttributes): void;
  /** Marks the span as failed. Of the error, only its code or name is recorded. */
  fail(error: unknown): void;
}

/**
 * How the application traces its work. Also the injection token: features call it and do not know
 * OpenTelemetry. Requests and statements on PostgreSQL are traced without it.
 */
export abstract class Tracing {
  /** Does the work of a message as a trace of its own, outside of the span that is active. */
  abstract trace<Result>(
    name: string,
    attributes: SpanAttributes,
    work: (span: OpenSpan) => Promise<Result>,
  ): Promise<Result>;

  /**
   * Executes a statement in a child of the span that is active, or without a span outside of traces.
   * @param system the database, as OpenTelemetry names it
   * @param sql with placeholders instead of values
   */
  abstract statement<Result>(
    system: string,
    sql: string,
    execute: () => Promise<Result>,
  ): Promise<Result>;

  /** Starts work that may outlive the span that is active, and does not belong to it. */
  abstract detach<Result>(start: () => Result): Result;

  /** Returns a function that calls back within the span that is active now. */
  abstract bind<Arguments extends unknown[]>(
    callback: (...values: Arguments) => void,
  ): (...values: Arguments) => void;
}

const NO_SPAN: OpenSpan = { setAttributes: () => undefined, fail: () => undefined };

/** Only does the work: traces are not exported. */
export class NoTracing extends Tracing {
  trace<Result>(_name: string, _: SpanAttributes, work: (span: OpenSpan) => Promise<Result>) {
    return work(NO_SPAN);
  }

  statement<Result>(_system: string, _sql: string, execute: () => Promise<Result>) {
    return execute();
  }

  detach<Result>(start: () => Result): Result {
    return start();
  }

  bind<Arguments extends unknown[]>(callback: (...values: Arguments) => void) {
    return callback;
  }
}
