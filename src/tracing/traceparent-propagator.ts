import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';

const TRACESTATE = 'tracestate';

/**
 * Reads and writes `traceparent` only. Clients could send values of their own choice in `tracestate` and
 * `baggage` to the collector, and through this server to the services that it calls.
 */
export class TraceparentPropagator implements TextMapPropagator {
  private readonly propagator = new W3CTraceContextPropagator();

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    this.propagator.inject(context, carrier, setter);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    return this.propagator.extract(context, carrier, {
      keys: (from) => getter.keys(from),
      get: (from, key) => (key === TRACESTATE ? undefined : getter.get(from, key)),
    });
  }

  fields(): string[] {
    return this.propagator.fields().filter((field) => field !== TRACESTATE);
  }
}
